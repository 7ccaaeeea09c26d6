#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# wadctl at a real terminal: completion, help, history, grep, config mode and
# its prompts, ^C, pages.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

timeout 120 python3 "$here/terminal.py" "$LAB_BIN/wadctl" "$LAB/run" \
    "$LAB_ORIGIN4" || fail "at the terminal"
exit 0
