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

# A common name that looks like an address with a zone: no worker asks the
# kernel about it, which would be its end.
workers=$(role_pids worker)
openssl req -x509 -new -key "$LAB/pki/selfsigned.example.key" -days 90 \
    -subj "/CN=fe80::1%lo" -addext subjectAltName=DNS:selfsigned.example \
    -out "$LAB/pki/selfsigned.example.crt"
lab_origin_reload || fail "the origin does not reload"
# shellcheck disable=SC2317
zone()
{
	lab_in g openssl s_client -connect "$LAB_ORIGIN4:443" \
	    -servername selfsigned.example </dev/null 2>/dev/null |
	    grep -q "subject=.*%lo"
}
lab_wait 5 zone || fail "nginx keeps the old certificate"
out=$(issuer_of selfsigned.example)
has "$out" "Untrusted" "a common name with a zone"
[ "$(role_pids worker)" = "$workers" ] || fail "a common name killed a worker"
exit 0
