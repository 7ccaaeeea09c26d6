#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Versions and suites on both legs: each client against each origin, what is
# offered upstream, downgrades, renegotiation, compression, 0-RTT, ALPN.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9441 9442 9443 9444 9445 9446 9447
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
rv=0
bad()	# WHAT: one row has failed, the others still run
{
	echo "BAD: $*"
	rv=1
}
sees()	# TEXT PATTERN WHAT
{
	grep -Eq -- "$2" <<<"$1" && return 0
	bad "$3: no /$2/ in:"
	grep -E 'Protocol|Cipher|ALPN|alert|version=|error|Early' <<<"$1" |
	    head -n 8
}

p=$LAB/pki/github.com
lab_spawn o origin python3 "$here/tlsorigin.py" "$LAB_ORIGIN4" "$p.crt" \
    "$p.key" "$LAB/hellos" 9441:any 9442:1.2 9443:1.3 9444:h2 9446:refuse-70 \
    9447:drop
mkfifo "$LAB/keys"
exec 7<>"$LAB/keys"
ip netns exec "ow$LAB_NAME-o" openssl s_server -accept "$LAB_ORIGIN4:9445" \
    -cert "$p.crt" -cert_chain "$p.crt" -key "$p.key" -tls1_2 <&7 \
    >"$LAB/s_server.out" 2>&1 &
echo $! >"$LAB/s_server.pid"
lab_wait 10 grep -q ready "$LAB/origin.out" || fail "no origin"

ask()	# SIDE PORT [s_client options]: handshake, one request, all it says
{
	local side=$1 port=$2

	shift 2
	printf 'GET /close HTTP/1.0\r\nHost: github.com\r\n\r\n' |
	    lab_in "$side" timeout 15 openssl s_client -ign_eof \
	    -connect "$LAB_ORIGIN4:$port" -servername github.com \
	    -CAfile "$LAB/pki/$LAB_CA.crt" "$@" 2>&1
}
records()	# how many traffic records there are
{
	grep -c 'type="traffic"' "$LAB/run/log/openwad.log" 2>/dev/null
}
# shellcheck disable=SC2317
more_records()
{
	[ "$(records)" -gt "$had" ]
}
last_log()	# the record of the connection made since had=$(records)
{
	lab_wait 5 more_records
	grep 'type="traffic"' "$LAB/run/log/openwad.log" | tail -n 1 |
	    sed 's/.* hostname=/hostname=/'
}

# C5: client 1.2, 1.3 x origin 1.2, 1.3.
for row in "-tls1_2 9442 1.2 1.2" "-tls1_2 9441 1.2 1.2" \
    "-tls1_3 9443 1.3 1.3" "-tls1_3 9441 1.3 1.3" "-tls1_2 9443 none none" \
    "-tls1_3 9442 none none" "-min_protocol=TLSv1.2 9442 1.2 1.2" \
    "-min_protocol=TLSv1.2 9443 1.3 1.3"; do
	read -r offer port clt srv <<<"$row"
	had=$(records)
	# shellcheck disable=SC2086
	out=$(ask c "$port" ${offer/=/ })
	log=$(last_log)
	if [ "$clt" = none ]; then
		grep -q "version=TLS" <<<"$out" &&
		    bad "C5: $row: $(grep version= <<<"$out")"
		continue
	fi
	sees "$out" "Protocol *: TLSv$clt|New, TLSv$clt" "C5: $row: client's leg"
	sees "$out" "version=TLSv$srv" "C5: $row: server's leg"
	sees "$log" " tlsver=\"[^\"]*${clt#1}\"" "C5: $row: client's in $log"
	sees "$log" "(svr|srv|server)[a-z-]*=\"[^\"]*${srv#1}\"" \
	    "C5: $row: server's in $log"
done

# C3: who asks for TLS 1.2 and gets it is told that we know better.
out=$(lab_in c python3 - "$here" "$LAB_ORIGIN4" 443 9442 <<'P'
import sys
sys.path.insert(0, sys.argv[1])
from tlsraw import connect, extensions, hello, read, records

for port, versions in ((443, (0x303,)), (443, (0x304, 0x303)),
                       (9442, (0x304, 0x303))):
    s = connect(sys.argv[2], port)
    s.sendall(records(hello(extensions(versions=versions))))
    got, _ = read(s, 10, lambda b: len(b) > 200)
    print(port, len(versions), "sentinel=" + got[35:43].hex())
P
)
sees "$out" "443 1 sentinel=444f574e47524401" "C3: a client of TLS 1.2"
grep -q "443 2 sentinel=444f574e475244" <<<"$out" && bad "C3: TLS 1.3: $out"
# A client of TLS 1.3 that is given 1.2 because its server has no better would
# have to end the connection at the sentinel (RFC 8446 section 4.1.3).
grep -q "9442 2 sentinel=444f574e475244" <<<"$out" && bad "C3: mirror: $out"

# C1: what is too old, by a real client too.
for v in 1 1_1; do
	out=$(ask c 9441 -tls$v -cipher ALL:@SECLEVEL=0)
	sees "$out" "alert protocol version|alert number 70" "C1: -tls$v"
done

# C2: AEAD with ECDHE and nothing else; the server's order.
for suite in AES128-GCM-SHA256 AES128-SHA ECDHE-ECDSA-AES128-SHA256 \
    ECDHE-RSA-AES256-SHA DHE-RSA-AES128-GCM-SHA256 AECDH-AES128-SHA NULL \
    PSK-AES128-GCM-SHA256 DES-CBC3-SHA; do
	out=$(ask c 443 -tls1_2 -cipher "$suite:@SECLEVEL=0")
	issuer=$(sed -n 's/^issuer=.*CN = //p' <<<"$out")
	grep -q "Cipher is $suite" <<<"$out" && [ "$issuer" = "$LAB_CA" ] &&
	    bad "C2: inspected with $suite"
done
for order in ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256 \
    ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384; do
	out=$(ask c 443 -tls1_2 -cipher $order)
	sed -n 's/.*Cipher is //p' <<<"$out"
done | sort -u >"$LAB/chosen"
[ "$(wc -l <"$LAB/chosen")" = 1 ] || bad "C2: the client's order is followed"

# C4: what is offered upstream is what this client offers, or less.
for offer in "" "-tls1_2" "-tls1_3" \
    "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384" \
    "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305" \
    "-ciphersuites TLS_CHACHA20_POLY1305_SHA256 -tls1_3" \
    "-groups P-384" "-groups P-256:P-384 -tls1_2" \
    "-sigalgs ECDSA+SHA256:RSA-PSS+SHA256" "-sigalgs ECDSA+SHA256 -tls1_3" \
    "-alpn http/1.1" "-alpn h2,http/1.1" "-no_ticket" \
    "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA"; do
	for side in o c; do
		# shellcheck disable=SC2086
		out=$(ask $side 9441 $offer)
		sees "$out" "version=TLS" "C4: $side $offer"
	done
	why=$(python3 "$here/offers.py" "$LAB/hellos") || bad "C4: $offer: $why"
done

# C6: a server that closes or refuses gets one hello, none of a lower version.
for port in 9446 9447; do
	n=$(grep -c '"hello"' "$LAB/hellos")
	ask c "$port" >/dev/null
	sleep 0.3
	n=$(($(grep -c '"hello"' "$LAB/hellos") - n))
	[ $n = 1 ] || bad "C6: port $port got $n hellos"
done

# C7: the forged certificate is one that this client can check, of an origin
# with EC and of one with RSA; never SHA-1, never less than 2,048 bits.
for row in "github.com ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256" \
    "github.com ECDSA+SHA256" "github.com ECDSA+SHA384:ECDSA+SHA256" \
    "rsa.example ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256" \
    "rsa.example RSA+SHA256:RSA-PSS+SHA256" \
    "rsa.example RSA-PSS+SHA384:ECDSA+SHA256:RSA+SHA384" \
    "rsa.example RSA-PSS+SHA384:RSA-PSS+SHA512" \
    "rsa.example RSA+SHA512:RSA-PSS+SHA512"; do
	read -r name sig <<<"$row"
	out=$(lab_chain "$name" -sigalgs "$sig")
	sees "$out" "^Verified peername: $name" "C7: $row"
	grep -Eq "Peer signing digest: (SHA1|MD5)" <<<"$out" &&
	    bad "C7: $row: a weak signature"
	sees "$out" "PKEY: (id-ecPublicKey, (256|384)|rsaEncryption, (2048|3072|4096))" \
	    "C7: $row: the key"
done

# One client's limits are not another's: what this one cannot (an origin of EC,
# a client of RSA) opens no way around inspection for the next.
for limit in "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256" \
    "-tls1_3 -sigalgs RSA-PSS+SHA256" "-tls1_2 -cipher AES128-SHA" \
    "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA" \
    "-tls1_2 -groups P-521"; do
	v=${limit%% *}
	for name in example.com www.example.com; do
		# shellcheck disable=SC2086
		out=$(lab_chain $name $limit)
		out=$(issuer_of $name "$v")
		[ "$out" = "$LAB_CA" ] ||
		    bad "C2: after $limit, $name $v comes from '$out'"
	done
done

# C8: nobody renegotiates.
: >"$LAB/R"
# shellcheck disable=SC2094	# it types when it has read that
(lab_wait 5 grep -q "Verify return code" "$LAB/R"; echo R; sleep 1) |
    lab_in c timeout 30 openssl s_client -connect "$LAB_ORIGIN4:443" \
    -servername github.com -tls1_2 >"$LAB/R" 2>&1
out=$(cat "$LAB/R")
sees "$out" "RENEGOTIATING" "C8: the client did not try"
sees "$out" "no renegotiation|handshake failure|unexpected|closed|reset" \
    "C8: the client's renegotiation"
sees "$out" "Secure Renegotiation IS supported" "C8: RFC 5746"
(sleep 4; printf 'GET /\n') | lab_in c timeout 10 openssl s_client -ign_eof \
    -connect "$LAB_ORIGIN4:9445" -servername github.com -tls1_2 -msg \
    >"$LAB/reneg" 2>&1 &
client=$!
lab_wait 5 grep -q "CIPHER is" "$LAB/s_server.out" || bad "C8: no s_server"
echo r >&7
sleep 1
n=$(grep -c 'ClientHello' "$LAB/reneg")
[ "$n" = 1 ] || bad "C8: the server's HelloRequest reached the client"
wait $client
[ "$(grep -c "CIPHER is" "$LAB/s_server.out")" = 1 ] ||
    bad "C8: renegotiated with the server"

# C9: no compression; no heartbeat.
out=$(ask c 443 -comp -tls1_2 -tlsextdebug)
sees "$out" "Compression: NONE" "C9"
grep -q '"heartbeat"' <<<"$out" && bad "C9: heartbeat"

# C10: early data under another server's ticket; then under ours.
lab_spawn o early openssl s_server -accept "$LAB_ORIGIN4:9450" -cert "$p.crt" \
    -key "$p.key" -early_data -max_early_data 16384 -quiet -naccept 1
lab_wait 5 lab_in o sh -c 'ss -ltn | grep -q :9450'
lab_wait 5 test -s "$LAB/sess" | lab_in o timeout 30 openssl s_client -tls1_3 \
    -connect "$LAB_ORIGIN4:9450" -servername github.com \
    -sess_out "$LAB/sess" >/dev/null 2>&1
printf 'GET /early HTTP/1.1\r\nHost: github.com\r\n\r\n' >"$LAB/early"
if [ -s "$LAB/sess" ]; then
	out=$(ask c 9441 -tls1_3 -sess_in "$LAB/sess" -early_data "$LAB/early")
	sees "$out" "Early data was rejected" "C10: early data"
	sees "$out" "version=TLSv1.3.*path=/close" "C10: the handshake goes on"
	grep -q "path=/early" <<<"$out" && bad "C10: early data was served"
else
	bad "C10: no session with early data to try"
fi
out=$(ask c 9441 -tls1_3 -sess_out "$LAB/sess2")
grep -q "Max Early Data: [1-9]" <<<"$out" && bad "C10: 0-RTT is offered"

# C12: ALPN is what the server chose and what we can read, or nothing.
for row in "9441 http/1.1 http/1.1" "9441 h2,http/1.1 http/1.1" \
    "9441 h2 none" "9441 foo,bar none" "9444 h2,http/1.1 h2" \
    "9444 http/1.1 none" "443 foo none"; do
	read -r port offer want <<<"$row"
	out=$(ask c "$port" -alpn "$offer")
	got=$(sed -n 's/^ALPN protocol: //p' <<<"$out")
	case $want in
	none) [ -z "$got" ] || bad "C12: $row: client got '$got'" ;;
	*) [ "$got" = "$want" ] || bad "C12: $row: client got '$got'" ;;
	esac
done
lab_curl -o /dev/null https://github.com/ || fail "a good one after them"
exit $rv
