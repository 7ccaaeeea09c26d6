#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nat disable: the origin sees the client's own address.
# shellcheck disable=SC2034
LAB_NAT=disable
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl -v https://github.com/ 2>&1) || fail "v4: $out"
has "$out" "client=$LAB_CLIENT4 " "origin sees the client"
has "$out" "issuer:.*$LAB_CA" "still inspected"
out=$(lab_curl6 https://github.com/) || fail "v6"
has "$out" "client=$LAB_CLIENT6 " "origin sees the client"
lab_curl https://github.com/file/big | cmp - "$LAB/www/big" ||
    fail "20 MB changed on the way"
# More connections than one batch of 32 prepared sockets.
for _ in $(seq 80); do
	lab_curl -o /dev/null https://github.com/ || fail "a later connection"
done
exit 0
