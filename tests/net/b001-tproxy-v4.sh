#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One inspected connection over TPROXY and IPv4, with three real clients.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl https://github.com/) || fail "curl"
has "$out" "host=github.com client=$LAB_WAN4 " "origin sees the gateway"
[ "$(issuer_of github.com)" = "$LAB_CA" ] || fail "forged by another CA"
out=$(lab_chain github.com)
has "$out" "Verify return code: 0" "openssl"
has "$out" "TLSv1.3" "version"
out=$(lab_chain github.com -tls1_2)
has "$out" "Verify return code: 0" "openssl, TLS 1.2"
out=$(issuer_of rsa.example -sigalgs rsa_pss_rsae_sha256)
[ "$out" = "$LAB_CA" ] || fail "RSA-only client: issuer '$out'"
if command -v gnutls-cli >/dev/null; then
	out=$(lab_in c timeout 20 gnutls-cli --x509cafile \
	    "$LAB/pki/$LAB_CA.crt" --sni-hostname github.com \
	    --verify-hostname github.com -p 443 "$LAB_ORIGIN4" </dev/null 2>&1)
	has "$out" "Handshake was completed" "gnutls-cli"
fi
# No SNI: the destination address is the name.
out=$(lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
    "https://$LAB_ORIGIN4/") || fail "no SNI"
# Bytes come through as they are, both directions of a large body.
lab_curl https://github.com/file/big | cmp - "$LAB/www/big" ||
    fail "20 MB changed on the way"
# The forged certificate keeps the names and says it is no CA.
out=$(lab_chain github.com | openssl x509 -noout -text)
has "$out" "DNS:github.com" "SAN"
hasnt "$out" "CA:TRUE" "basic constraints"
exit 0
