#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A name with two addresses: what one server proved opens nothing for the
# other, even where the first is gone when its client is passed on.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
set exempt-sni-check enable
config https
set ports 443 9443
set untrusted-server-cert block
set sni-server-cert-check strict
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

serve()		# WORD ADDRESS CERT [once]: says its word to each client
{
	lab_spawn o "$1" python3 -c '
import socket, ssl, sys
word, addr, pki, once = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(pki + ".crt", pki + ".key")
family = socket.AF_INET6 if ":" in addr else socket.AF_INET
srv = socket.create_server((addr, 9443), family=family)
while True:
    conn, _ = srv.accept()
    if once:
        srv.close()
    try:
        conn.settimeout(5)
        tls = ctx.wrap_socket(conn, server_side=True)
        print("handshake", flush=True)
        tls.recv(65536)
        tls.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + word.encode() + b"\n")
        tls.close()
    except OSError as e:
        print(e, flush=True)
    if once:
        break
' "$1" "$2" "$LAB/pki/$3" "${@:4}"
	lab_wait 5 lab_in o sh -c "ss -ltnH | grep -Fq '$2'" || fail "no $1"
}

# shellcheck disable=SC2317
listening()
{
	[ "$(lab_in o ss -ltnH 'sport = 9443' | wc -l)" = 2 ]
}

seen=0
for first in "$LAB_ORIGIN4" "$LAB_ORIGIN6"; do
	other=$LAB_ORIGIN6
	[ "$first" = "$LAB_ORIGIN4" ] || other=$LAB_ORIGIN4
	serve proves "$first" bank.example once
	serve lies "$other" untrusted.example
	lab_wait 5 listening || fail "no servers"
	for _ in 1 2 3; do
		out=$(lab_in c curl -sk --max-time 8 \
		    -x "http://$LAB_LAN4:8080" https://bank.example:9443/)
		hasnt "$out" "lies" "the other server got through"
		lab_ctl diagnose wad cache clear >/dev/null
	done
	! grep -q handshake "$LAB/proves.out" || seen=1
	lab_kill proves
	lab_kill lies
done
[ $seen = 1 ] || fail "no server was asked to prove the name"
exit 0
