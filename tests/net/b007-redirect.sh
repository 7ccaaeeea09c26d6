#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# transparent redirect: NAT in the gateway, the original target is known.
# shellcheck disable=SC2034
LAB_MODE=redirect
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl -v https://github.com/ 2>&1) || fail "v4: $out"
has "$out" "issuer:.*$LAB_CA" "inspected"
has "$out" "client=$LAB_WAN4 " "origin sees the gateway"
out=$(lab_curl6 -v https://github.com/ 2>&1) || fail "v6: $out"
has "$out" "issuer:.*$LAB_CA" "inspected"
exit 0
