#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Explicit proxy: CONNECT, absolute URI, what is refused.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
proxy=http://$LAB_LAN4:8080

pcurl()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -x "$proxy" "$@"
}

out=$(pcurl -v https://github.com/ 2>&1) || fail "CONNECT: $out"
has "$out" "host=github.com" "answer"
has "$out" "issuer:.*$LAB_CA" "inspected"
out=$(pcurl http://plain.example/headers) || fail "absolute URI: $out"
has "$out" "via=1.1 " "Via"
has "$out" "proxy=$" "Proxy-Connection goes no further"
out=$(pcurl -i https://bet.example/ 2>&1)
hasnt "$out" "client=" "a blocked name reached the origin"
out=$(pcurl --cacert "$LAB/pki/root.crt" https://bank.example/) ||
    fail "exempt"
lab_in c curl -sS -g --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" -o /dev/null \
    -x "http://[$LAB_LAN6]:8080" https://github.com/ || fail "IPv6 proxy"

# Targets that are refused: the gateway itself, loopback, link-local, a name
# that resolves to them, a name that does not exist.
for t in "$LAB_LAN4" "$LAB_WAN4" 127.0.0.1 169.254.1.1 "[::1]" "[fe80::1]" \
    loop.example self.example; do
	out=$(pcurl -g -o /dev/null -w '%{http_code}' "http://$t/" 2>&1)
	[ "$out" = 403 ] || fail "$t: $out, not 403"
	out=$(pcurl -g -o /dev/null -w '%{http_connect}' "https://$t/" 2>&1)
	has "$out" "403" "CONNECT $t"
done
out=$(pcurl -o /dev/null -w '%{http_code}' http://nowhere.example/ 2>&1)
has "$out" "50[234]" "a name that does not exist"
lab_in c timeout 60 python3 "$here/badreq.py" "$LAB_LAN4" 8080 ||
    fail "bad requests"
pcurl -o /dev/null https://github.com/ || fail "a good one after them"
exit 0
