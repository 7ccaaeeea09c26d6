#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS between client and proxy: CONNECT with TLS inside, plain requests, the
# PAC file, large bodies both ways, who must and who may speak TLS.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config web-proxy explicit
    set secure-web-proxy enable
    set pac-file-server-status enable
    set pac-file-through-https enable
end
config web-proxy global
    set proxy-fqdn "proxy.example"
    set ssl-ca-cert "acmeCAcert"
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

pcurl()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    --proxy-cacert "$LAB/pki/$LAB_CA.crt" \
	    --resolve "proxy.example:8080:$LAB_LAN4" \
	    --resolve "proxy.example:8444:$LAB_LAN4" \
	    -x "https://proxy.example:${port:-8080}" "$@"
}

plain()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -x "http://$LAB_LAN4:8080" "$@"
}

out=$(pcurl -v https://github.com/ 2>&1) || fail "CONNECT: $out"
has "$out" "host=github.com" "answer"
has "$out" "issuer:.*$LAB_CA" "inspected"
has "$out" "subject: CN=proxy.example" "the proxy's own certificate"
out=$(pcurl http://plain.example/headers) || fail "plain: $out"
has "$out" "via=1.1 " "Via"
out=$(pcurl -i https://bet.example/ 2>&1)
hasnt "$out" "client=" "a blocked name reached the origin"
pcurl --cacert "$LAB/pki/root.crt" -o /dev/null https://bank.example/ ||
    fail "exempt inside TLS"
out=$(pcurl -o /dev/null -w '%{http_code}' "http://$LAB_LAN4/" 2>&1)
has "$out" "403" "a refused target"
plain -o /dev/null https://github.com/ || fail "without TLS to the proxy"
# Many at once, and one after the other over one connection.
pcurl -o /dev/null https://github.com/a -o /dev/null https://github.com/b ||
    fail "two requests"
head -c 900000 /dev/urandom >"$LAB/up.bin"
out=$(pcurl -o /dev/null -w '%{http_code} %{size_upload}' \
    --data-binary "@$LAB/up.bin" https://github.com/ 2>&1)
has "$out" " 900000" "a large upload: $out"
pcurl -o "$LAB/big" https://github.com/file/big || fail "a large download"
cmp -s "$LAB/big" "$LAB/www/big" || fail "the download differs"

out=$(lab_in c curl -sS --max-time 10 --cacert "$LAB/pki/$LAB_CA.crt" \
    --resolve "proxy.example:8080:$LAB_LAN4" \
    https://proxy.example:8080/proxy.pac) || fail "PAC over TLS"
has "$out" 'HTTPS proxy.example:8080; PROXY proxy.example:8080' "PAC"

# Only TLS, and at a port of its own.
lab_ctl >/dev/null <<'C' || fail "configured"
config web-proxy explicit
set secure-web-proxy secure
set https-incoming-port 8444
end
C
port=8444 pcurl -o /dev/null https://github.com/ || fail "port 8444"
out=$(plain -o /dev/null -w '%{http_code}' http://plain.example/ 2>&1)
has "$out" "403" "plain is refused"
out=$(lab_in c curl -sS "http://$LAB_LAN4:8080/proxy.pac")
has "$out" 'return "HTTPS proxy.example:8444"' "PAC says TLS only"
lab_in c bash -c "printf '\\026\\003\\001\\000\\005hello' >/dev/tcp/$LAB_LAN4/8444"
port=8444 pcurl -o /dev/null https://github.com/ || fail "after garbage"
exit 0
