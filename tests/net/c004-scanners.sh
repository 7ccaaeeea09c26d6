#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sslscan and testssl.sh against an inspected origin: nothing above LOW.
# Protocols, suites and the vulnerabilities here; all of testssl.sh, some two
# minutes, with OPENWAD_FULL_SCAN=1.
# What openwad cannot inspect is refused here, since what it passes by setting
# (unsupported-ssl-cipher) is the origin's and not inspected.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set unsupported-ssl-cipher block
set unsupported-ssl-negotiation block
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
testssl=$(command -v testssl || command -v testssl.sh) ||
    skip "testssl is missing"
need python3 sslscan dnsmasq
net_lab
# testssl.sh asks for names that there are not: a resolver that says so.
lab_dns_start || fail "no resolver"
lab_openwad_start || fail "openwad did not start"
rv=0

for name in github.com rsa.example; do
	lab_in c timeout 60 sslscan --no-colour --show-sigs \
	    --xml="$LAB/sslscan.xml" --sni-name=$name "$LAB_ORIGIN4:443" \
	    >"$LAB/sslscan.txt" 2>&1
	python3 "$here/scan.py" sslscan "$LAB/sslscan.xml" || rv=1
done

what=(-p -s -f -U)
[ -z "${OPENWAD_FULL_SCAN:-}" ] || what=(-9)
# It writes into its folder.
(cd "$LAB" && lab_in c timeout 600 "$testssl" --quiet --color 0 \
    --warnings off --ip "$LAB_ORIGIN4" --add-ca "$LAB/pki/$LAB_CA.crt" \
    --jsonfile "$LAB/testssl.json" "${what[@]}" https://github.com:443 \
    </dev/null >"$LAB/testssl.txt" 2>&1)
python3 "$here/scan.py" testssl "$LAB/testssl.json" || {
	tail -n 40 "$LAB/testssl.txt"
	rv=1
}
grep -q 'inspect="deep"' "$LAB/run/log/openwad.log" ||
    fail "nothing was inspected"
exit $rv
