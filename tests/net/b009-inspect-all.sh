#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# inspect-all: TLS is inspected on a port that https does not list, by the
# settings of `config ssl` and not by those of https; exempt stays exempt.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config ssl
set inspect-all deep-inspection
set expired-server-cert allow
set untrusted-server-cert block
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

issuer_on()	# PORT NAME: the issuer that a client sees
{
	lab_in c timeout 20 openssl s_client -connect "$LAB_ORIGIN4:$1" \
	    -servername "$2" </dev/null 2>/dev/null |
	    openssl x509 -noout -issuer
}

real=$(openssl x509 -noout -issuer -in "$LAB/pki/github.com.crt")
lab_spawn o server python3 "$here/server.py" "$LAB_ORIGIN4" \
    "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key"
origin_on 9443
for port in 443 9443; do
	out=$(issuer_on $port github.com)
	[ -n "$out" ] || fail "nothing on port $port"
	[ "$out" != "$real" ] || fail "port $port is not inspected"
done
lab_curl https://github.com/ >/dev/null || fail "a good origin"

# https blocks an expired one and lets an untrusted one pass: ssl holds.
out=$(issuer_on 443 expired.example)
has "$out" "Untrusted" "expired-server-cert allow"
out=$(lab_curl -k https://expired.example/) || fail "an expired origin"
has "$out" "host=expired.example" "expired-server-cert allow"
out=$(lab_curl -k https://selfsigned.example/ 2>&1)
hasnt "$out" "host=selfsigned.example" "untrusted-server-cert block"

lab_chain bank.example | openssl x509 -outform DER >"$LAB/seen.der"
openssl x509 -in "$LAB/pki/bank.example.crt" -outform DER >"$LAB/real.der"
cmp "$LAB/seen.der" "$LAB/real.der" || fail "exempt, but inspected"
exit 0
