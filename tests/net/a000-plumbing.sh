#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab itself: client reaches origin through the gateway, without openwad.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab

out=$(lab_curl --cacert "$LAB/pki/root.crt" https://github.com/) ||
    fail "no way through the gateway (v4)"
has "$out" "client=$LAB_CLIENT4 " "origin sees the client"
out=$(lab_curl6 --cacert "$LAB/pki/root.crt" https://github.com/) ||
    fail "no way through the gateway (v6)"
has "$out" "client=$LAB_CLIENT6 " "origin sees the client"
lab_curl --cacert "$LAB/pki/root.crt" -o /dev/null https://expired.example/ \
    2>"$LAB/err" && fail "the expired certificate is good"
grep -q expired "$LAB/err" || fail "another error: $(cat "$LAB/err")"
exit 0
