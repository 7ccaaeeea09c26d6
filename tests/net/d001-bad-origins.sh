#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Certificates that are not right: expired is blocked, an unknown issuer is
# signed by the untrusted CA, never by the good one.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl https://expired.example/ 2>&1)
hasnt "$out" "client=" "the expired origin was reached"
for n in selfsigned.example untrusted.example; do
	out=$(issuer_of "$n")
	has "$out" "Untrusted" "$n is signed by the untrusted CA"
	lab_curl "https://$n/" >/dev/null 2>&1 && fail "$n looks good"
done
out=$(lab_curl https://wrong.example/ 2>&1)
hasnt "$out" "host=wrong.example" "a certificate for another name"
out=$(lab_curl https://github.com/) || fail "a good one after them"
exit 0
