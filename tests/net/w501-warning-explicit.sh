#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Warnings through the explicit proxy.
WARN_PROXY=1
# shellcheck source=tests/net/w500-warning.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/w500-warning.sh"
