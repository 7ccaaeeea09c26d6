#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A fresh inspected connection with everything enabled prints the lines of
# wad-lines.tsv in that order (others may stand between).
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
# shellcheck disable=SC2034
LAB_WORKERS=1
net_start

lab_debug_start "$LAB/debug.log"
lab_curl -o /dev/null --tlsv1.3 --http1.1 https://github.com/ || fail "curl"
lab_debug_stop
python3 "$top_srcdir/tests/reference/inorder.py" \
    "$top_srcdir/tests/reference/wad-lines.tsv" "$LAB/debug.log" || {
	[ -z "${OPENWAD_KEEP:-}" ] || cp "$LAB/debug.log" /tmp/openwad-debug.log
	fail "the transcript differs"
}
lab_debug_start "$LAB/off.log"
ctl diagnose debug disable >/dev/null
lab_debug_stop
# Off again: nothing more is printed to a console that did not ask.
out=$(ctl diagnose wad debug show)
hasnt "$out" "wad_accept" "debug lines on a console that did not ask"
exit 0
