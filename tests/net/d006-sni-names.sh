#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A35: names in the SNI as curl would never send them.  What is the same name
# is served, what is no name is refused, and the client is told by an alert or
# a page; the gateway itself goes on.
# shellcheck source=tests/net/checklist.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/checklist.sh"
checklist_start

ask()	# SNI: the origin's answer, the page's code, or nothing
{
	printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "${2:-x}" |
	    lab_in c timeout 10 openssl s_client -quiet -ign_eof \
	    -connect "$LAB_ORIGIN4:443" -servername "$1" -verify_return_error \
	    -CAfile "$LAB/pki/$LAB_CA.crt" 2>/dev/null |
	    sed -n 's/.*\[\([a-z-]*\), policy [0-9].*/\1/p; /^origin=/p'
	[ "${PIPESTATUS[1]}" -ne 124 ] || fail "'$1': no answer in 10 s"
}

good=a01-rsa.lab.test
has "$(ask $good $good)" "^origin=$good" "the plain name"
has "$(ask A01-rsa.LAB.Test $good)" "^origin=$good" "capitals"
for sni in .$good a01-rsa..lab.test "a01-rsa lab.test" "*.w.lab.test" \
    "$(printf 'a01-rsa\001.lab.test')" $'m\xc3\xbcnchen.lab.test' \
    "-a01.lab.test" "a01-rsa.lab.test:443" "10.9.11.101" "[fd09:11::101]" \
    "https://$good/" "$(printf '%0250d' 1).lab.test" "$good/../x"; do
	hasnt "$(ask "$sni" $good)" "^origin=" "the SNI '$sni'"
done
# A dot at the end is not of RFC 6066, but the same name: either is right.
out=$(ask $good. $good)
[[ -z $out || $out == origin=* || $out == sni-bad ]] || fail "final dot: $out"
has "$(ask $good $good)" "^origin=$good" "the plain name after them"
exit 0
