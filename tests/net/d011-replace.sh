#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# server-cert-mode replace: the administrator's own certificates stand before
# the servers, chosen by name; nothing is forged.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab
mkdir -p "$LAB/run/certs"
chmod 700 "$LAB/run" "$LAB/run/certs"
lab_ca own "Own Server CA"
lab_leaf shop own 30 github.com
lab_leaf site own 30 example.com,www.example.com rsa
cp "$LAB"/pki/shop.* "$LAB"/pki/site.* "$LAB/run/certs/"
# shellcheck disable=SC2034
LAB_EXTRA='
config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        set server-cert-mode replace
        set server-cert "shop" "site"
    next
end'
lab_openwad_start || fail "openwad did not start"

print_of()	# NAME: fingerprint of what the client is shown
{
	lab_chain "$1" | openssl x509 -noout -fingerprint -sha256 2>/dev/null
}

want()
{
	openssl x509 -in "$LAB/pki/$1.crt" -noout -fingerprint -sha256
}

[ "$(print_of github.com)" = "$(want shop)" ] || fail "github.com: not 'shop'"
[ "$(print_of www.example.com)" = "$(want site)" ] || fail "not 'site'"
[ "$(print_of rsa.example)" = "$(want shop)" ] || fail "not the first"
# What nobody vouches for is not shown as the administrator's own.
chain=$(lab_chain untrusted.example | openssl x509 -noout -issuer)
has "$chain" "Untrusted" "a server that no trusted CA signed"
out=$(lab_curl --cacert "$LAB/pki/own.crt" https://www.example.com/)
has "$out" "host=www.example.com" "the request did not arrive"
hasnt "$(cat "$LAB/run/state/issued.log" 2>/dev/null)" "www.example.com" \
    "something was forged"
exit 0
