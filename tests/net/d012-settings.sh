#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each value of each setting of `config https` that says what follows, against
# a server of which it holds.  Elsewhere: not TLS at all (c001), protocols
# (c002), a responder that answers nonsense and lists (o001), exempt-sni-check
# (d010), server-cert-mode (d011), inspect-all (b009).
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set lookup-allow-private enable
set revocation-timeout 1
end
config vpn certificate setting
set ocsp-status enable
end
config firewall ssl-ssh-profile
edit custom-deep-inspection
config https
set ports 443 9441 9442 9443 9444 9445 9446 9447 9448 9449
end
config ech-outer-sni
edit own
set sni *.outer.example
next
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_lab
p=$LAB/pki
rv=0

leaf()		# NAME [EXTENSION EKU KEY]
{
	lab_key "$p/$1.key" "${4:-ec}"
	openssl req -x509 -new -key "$p/$1.key" -subj "/CN=$1" -days 30 \
	    -CA "$p/issuing.crt" -CAkey "$p/issuing.key" \
	    -addext "subjectAltName=DNS:$1" \
	    -addext basicConstraints=critical,CA:FALSE \
	    -addext keyUsage=critical,digitalSignature,keyEncipherment \
	    -addext "extendedKeyUsage=${3:-serverAuth}" \
	    ${2:+-addext "$2"} -out "$p/$1.crt" || fail "leaf $1"
	cat "$p/issuing.crt" >>"$p/$1.crt"
}
leaf revoked.example
lab_staple revoked.example issuing R
leaf slow.example "authorityInfoAccess=OCSP;URI:http://$LAB_DEAD4/"
leaf unstapled.example tlsfeature=status_request
leaf client.example "" clientAuth
leaf old.example "" serverAuth rsa
me=(-cert "$p/client.example.crt" -key "$p/client.example.key"
    -cert_chain "$p/issuing.crt")

vhost()		# PORT NAME [LINE]
{
	cat <<-V
	server {
		listen $LAB_ORIGIN4:$1 ssl;
		server_name $2;
		ssl_certificate $p/$2.crt;
		ssl_certificate_key $p/$2.key;
		ssl_client_certificate $p/root.crt;
		ssl_verify_depth 3;
		$([ ! -e "$p/$2.ocsp" ] ||
		    echo "ssl_stapling on; ssl_stapling_file $p/$2.ocsp;")
		${3:-}
		location / {
			default_type text/plain;
			return 200 "dn=<\$ssl_client_s_dn> client=\$remote_addr\n";
		}
	}
	V
}
{
	echo "user root; worker_processes 1; pid $LAB/own.pidfile; daemon off;"
	echo "events { } http { access_log off; client_body_temp_path $LAB/tmp;"
	echo "proxy_temp_path $LAB/tmp; fastcgi_temp_path $LAB/tmp;"
	echo "uwsgi_temp_path $LAB/tmp; scgi_temp_path $LAB/tmp;"
	echo "ssl_protocols TLSv1.2 TLSv1.3;"
	for n in github.com expired.example revoked.example bet.example \
	    bank.example; do
		vhost 9441 $n "ssl_protocols TLSv1.2; ssl_verify_client on;"
		vhost 9442 $n "ssl_protocols TLSv1.3; ssl_verify_client on;"
	done
	for n in github.com expired.example revoked.example slow.example \
	    unstapled.example untrusted.example wrong.example liar.example; do
		vhost 9443 $n
	done
	vhost 9444 github.com "ssl_protocols TLSv1.1;
	    ssl_ciphers ALL:@SECLEVEL=0;"
	vhost 9445 github.com "ssl_protocols TLSv1.2;
	    ssl_ciphers ECDHE-ECDSA-AES128-SHA;"
	vhost 9448 github.com "ssl_protocols TLSv1.2;"
	vhost 9449 old.example "ssl_ciphers ALL:@SECLEVEL=0;"
	echo "}"
} >"$LAB/own.conf"
lab_spawn o own nginx -p "$LAB" -c "$LAB/own.conf" -e "$LAB/own.log"
# It ends the handshake of who brings no certificate.
lab_spawn o strict openssl s_server -accept "$LAB_ORIGIN4:9446" -Verify 1 \
    -verify_return_error -CAfile "$p/root.crt" -tls1_2 -www -quiet \
    -cert "$p/expired.example.crt" -key "$p/expired.example.key"
lab_spawn o plain python3 "$here/plainserver.py" "$LAB_ORIGIN4" 9447
# shellcheck disable=SC2317
ready()
{
	[ "$(lab_in o ss -ltn | grep -c ":944[1-9] ")" = 9 ]
}
lab_wait 10 ready || fail "no origin: $(cat "$LAB/own.log")"
lab_openwad_start || fail "openwad did not start"
log=$LAB/run/log/openwad.log

# RAW (and whose certificate it got): as the server sent it; PASS, WARN: forged by the CA, by the untrusted
# one; a page's code; "alert N"; NOBODY (without the certificate that it wants).
look()		# PORT NAME [s_client options]
{
	local out issuer page port=$1 name=$2

	shift 2
	out=$(printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$name" |
	    lab_in c timeout 10 openssl s_client -ign_eof \
	    -connect "$LAB_ORIGIN4:$port" -servername "$name" "$@" 2>&1)
	issuer=$(sed -n 's/^issuer=.*CN = //p' <<<"$out")
	page=$(sed -n 's/.*\[\([a-z-]*\), policy [0-9].*/\1/p' <<<"$out")
	if [ -n "$page" ]; then
		echo "page $page"
	elif grep -q "No required SSL certificate" <<<"$out"; then
		echo NOBODY		# the server saw none
	elif ! grep -Eq "client=|other server|s_server" <<<"$out"; then
		sed -n 's/.*\(alert\) number \([0-9]*\).*/\1 \2/p' <<<"$out" |
		    head -n 1
	else
		case $issuer in
		"$LAB_CA") echo -n PASS ;;
		*Untrusted*) echo -n WARN ;;
		*) echo -n RAW ;;
		esac
		sed -n 's/^dn=<\(..*\)> .*/ \1/p' <<<"$out" | tr -d '\n'
	fi
}

https()		# SETTINGS, separated by commas
{
	printf '%s\n' "config firewall ssl-ssh-profile" \
	    "edit custom-deep-inspection" "config https" "${1//,/$'\n'}" \
	    end next end | lab_ctl >"$LAB/ctl.out" 2>&1 ||
	    fail "$1: $(cat "$LAB/ctl.out")"
}

now=
row()		# SETTINGS PORT NAME WANTED [s_client options]
{
	local got want=$4 what="$1, port $2, $3"

	[ "$1" = "$now" ] || https "$1"
	now=$1
	got=$(look "$2" "$3" "${@:5}")
	grep -Exq "$want" <<<"$got" && return
	echo "BAD: $what ${*:5}: '$got', not '$want'"
	tail -n 2 "$log" | cut -c 1-400
	rv=1
}

bad=(expired-server-cert:expired:cert-expired
    revoked-server-cert:revoked:cert-revoked
    untrusted-server-cert:untrusted:cert-untrusted
    cert-validation-timeout:slow:cert-validation-timeout
    cert-validation-failure:unstapled:cert-validation-failure)
for act in block allow ignore; do
	all=$(printf "set %s $act," "${bad[@]%%:*}")
	for b in "${bad[@]}"; do
		IFS=: read -r _ name reason <<<"$b"
		case $act in
		block) want="page $reason" ;;
		allow) want=WARN ;;
		*) want=PASS ;;
		esac
		row "${all%,}" 9443 "$name.example" "$want"
	done
	row "${all%,}" 9443 github.com PASS
done
all=$(printf 'unset %s,' "${bad[@]%%:*}")

# Nobody may promise a client what its server did not show.
row "${all}set sni-server-cert-check enable" 9443 wrong.example WARN
row "$now" 9443 liar.example "page blocked"
out=$(lab_curl -k https://liar.example/)
grep -q "by the web filter" <<<"$out" || {
	echo "BAD: the page of a name that is only in the certificate says:"
	grep '"row">Reason' <<<"$out"
	rv=1
}
row "set sni-server-cert-check strict" 9443 wrong.example "page cert-name"
row "set sni-server-cert-check disable" 9443 wrong.example PASS
row "$now" 9443 liar.example PASS

# What cannot be inspected.
no=set\ unsupported-ssl
old=(-min_protocol TLSv1 -cipher "ALL:@SECLEVEL=0")
row "unset sni-server-cert-check,$no-version block,$no-cipher block,$no-negotiation block" \
    9444 github.com "alert 70" "${old[@]}"
row "$now" 443 github.com "alert 70" "${old[@]}" -max_protocol TLSv1.1
row "$now" 9445 github.com "alert 40"
row "$now" 9443 github.com "alert 40" -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA
row "$now" 9443 github.com "alert 120" -alpn xmpp-client
row "$no-version allow,$no-cipher allow,$no-negotiation allow" \
    9444 github.com RAW "${old[@]}"
row "$now" 9445 github.com RAW
row "$now" 9446 expired.example RAW -alpn xmpp-client "${me[@]}"
row "unset ${no#* }-version,set min-allowed-ssl-version tls-1.3" \
    9448 github.com "alert (70|40)"
row "$now" 9443 github.com "alert 70" -tls1_2
row "$now" 9443 github.com PASS
row "set min-allowed-ssl-version tls-1.1" 9444 github.com PASS "${old[@]}"
row "unset min-allowed-ssl-version" 9443 github.com PASS -tls1_2

# Clients with a certificate.  bypass: it reaches the server, whose own is
# judged all the same.
for on in 9441 9442; do
	for _ in 1 2; do
		row "set client-certificate bypass" $on github.com \
		    "RAW CN=client.example" "${me[@]}"
	done
	row "$now" $on expired.example "page cert-expired" "${me[@]}"
	row "$now" $on revoked.example "page cert-revoked" "${me[@]}"
	row "$now" $on bet.example "page blocked"
done
row "set client-certificate inspect" 9441 github.com NOBODY "${me[@]}"
row "$now" 9442 github.com NOBODY "${me[@]}"
row "set client-certificate block" 9441 github.com "alert 40" "${me[@]}"
row "$now" 9442 github.com "alert 40" "${me[@]}"
n=$(grep -c "'github.com' cannot be inspected: .*passed uninspected" "$log")
[ "$n" -ge 4 ] || { echo "BAD: $n of 4 are in the log"; rv=1; }

# A name that is exempt only if it is proved, of servers that ask for one.
row "unset client-certificate,end,set exempt-sni-check enable,config https" \
    9446 bank.example "page cert-expired" "${me[@]}"
row "$now" 9446 bank.example "page cert-expired" "${me[@]}"
row "$now" 9442 bank.example "RAW CN=client.example" "${me[@]}"
row "$now" 9441 bank.example "RAW CN=client.example" "${me[@]}"

# Without inspection the certificate counts, too; of who asks for one as well.
cert="set status certificate-inspection,set cert-probe-failure"
row "$cert allow" 9441 github.com "RAW CN=client.example" "${me[@]}"
row "$cert allow" 9442 revoked.example "alert 44" "${me[@]}"
row "$cert allow" 9446 expired.example "alert 45" "${me[@]}"
row "$cert block" 9441 github.com "RAW CN=client.example" "${me[@]}"
row "$cert block,set expired-server-cert allow" 9446 expired.example RAW \
    "${me[@]}"
row "$cert block,unset expired-server-cert" 9447 github.com "alert 40"

# Hellos that no library sends.
hand()		# ech NAME | grease | ssl2: what comes back
{
	lab_in c timeout 10 python3 - "$here" "$LAB_ORIGIN4" "$@" <<'P'
import struct, sys
sys.path.insert(0, sys.argv[1])
from tlsraw import ECH, connect, extensions, grease_ech, hello, outcome, records
what, name = sys.argv[3], sys.argv[4].encode()
if what == "ssl2":
    # RFC 5246 appendix E.2; the server may choose TLS 1.2
    suites = b"".join(b"\0" + struct.pack(">H", c) for c in (0x9c, 0x2f))
    body = b"\1\3\3" + struct.pack(">HHH", len(suites), 0, 32) + suites + \
        bytes(range(32))
    data = struct.pack(">H", 0x8000 | len(body)) + body
else:
    data = records(hello(extensions(name) + [(ECH, grease_ech())]))
s = connect(sys.argv[2], 9449)
s.sendall(data)
print(outcome(s, 5))
P
}
by_hand()	# SETTING KIND NAME WANTED
{
	local got

	[ "$1" = "$now" ] || https "$1"
	now=$1
	got=$(hand "$2" "$3" 2>&1)
	grep -Exq "$4" <<<"$got" && return
	echo "BAD: $1, $2 $3: '$got', not '$4'"
	rv=1
}
by_hand "unset status,set encrypted-client-hello block" ech \
    cloudflare-ech.com "alert 49"
by_hand "$now" ech a.outer.example "alert 49"
by_hand "$now" grease github.com hello
by_hand "$now" ssl2 - "alert 70"
by_hand "set encrypted-client-hello allow,set unsupported-ssl-version allow" \
    ech cloudflare-ech.com hello
by_hand "$now" ech a.outer.example hello
by_hand "$now" ssl2 - hello
# supported-alpn: what the client hears of its http/1.1.
for row in "all ALPN protocol: http/1.1" "none No ALPN negotiated" \
    "http1-1 ALPN protocol: http/1.1"; do
	printf '%s\n' "config firewall ssl-ssh-profile" \
	    "edit custom-deep-inspection" \
	    "set supported-alpn ${row%% *}" next end | lab_ctl >/dev/null ||
	    fail "supported-alpn ${row%% *}"
	lab_chain github.com -alpn http/1.1 | grep -q "${row#* }" || {
		echo "BAD: supported-alpn ${row%% *}"
		rv=1
	}
done
exit $rv
