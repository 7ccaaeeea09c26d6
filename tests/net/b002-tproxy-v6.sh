#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One inspected connection over TPROXY and IPv6.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl6 -v https://github.com/ 2>&1) || fail "curl: $out"
has "$out" "client=$LAB_WAN6 " "origin sees the gateway"
has "$out" "issuer:.*$LAB_CA" "forged"
lab_curl6 https://github.com/file/big | cmp - "$LAB/www/big" ||
    fail "20 MB changed on the way"
exit 0
