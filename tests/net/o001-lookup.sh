#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Revocation with a real responder (openssl ocsp) and real lists over HTTP:
# good, revoked, unknown, dead, of no use; lists alone; missing issuers; the
# settings of what follows; and what is kept.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set lookup-allow-private enable
set revocation-timeout 2
end
config vpn certificate setting
set ocsp-status enable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
LAB_SERVERS="$LAB_SERVERS good.example gone.example child.example
	unknown.example dead.example junk.example list.example struck.example
	both.example quiet.example part.example orphan.example named.example"
need dnsmasq
net_lab
lab_dns_start || fail "no resolver"

p=$LAB/pki

# ca NAME SERIAL [ISSUER RESPONDER-PORT]: with the URL of its own responder
ca()
{
	lab_key "$p/$1.key"
	openssl req -x509 -new -key "$p/$1.key" -subj "/O=openwad lab/CN=$1" \
	    -set_serial "$2" -days 30 ${3:+-CA "$p/$3.crt" -CAkey "$p/$3.key"} \
	    -addext basicConstraints=critical,CA:TRUE \
	    -addext keyUsage=critical,keyCertSign,cRLSign \
	    ${4:+-addext "authorityInfoAccess=OCSP;URI:http://$LAB_ORIGIN4:$4/"} \
	    -out "$p/$1.crt" || fail "ca $1"
}

# leaf NAME CA SERIAL [EXTENSION...]
leaf()
{
	local name=$1 by=$2 serial=$3

	shift 3
	openssl req -new -key "$p/$name.key" -subj "/CN=$name" -out "$p/csr"
	printf '%s\n' "subjectAltName=DNS:$name" extendedKeyUsage=serverAuth \
	    keyUsage=critical,digitalSignature \
	    basicConstraints=critical,CA:FALSE "$@" >"$p/ext"
	openssl x509 -req -in "$p/csr" -CA "$p/$by.crt" -CAkey "$p/$by.key" \
	    -set_serial "$serial" -days 20 -extfile "$p/ext" \
	    -out "$p/$name.crt" 2>/dev/null || fail "leaf $name"
	cat "$p/$by.crt" >>"$p/$name.crt"
}

# crl CA SERIAL FILE [EXTENSION]: a list with that serial number in it
crl()
{
	local d=$p/ca-$1

	mkdir -p "$d"
	printf 'R\t400101000000Z\t260101000000Z,keyCompromise\t%s\tunknown\t/CN=x\n' \
	    "$2" >"$d/index"
	echo 01 >"$d/number"
	printf '%s\n' '[ca]' 'default_ca=c' '[c]' "database=$d/index" \
	    "crlnumber=$d/number" default_md=sha256 '[e]' "${4:-}" >"$d/cnf"
	openssl ca -config "$d/cnf" -gencrl -crldays 1 -cert "$p/$1.crt" \
	    -keyfile "$p/$1.key" -out "$d/pem" ${4:+-crlexts e} 2>/dev/null
	openssl crl -in "$d/pem" -outform DER -out "$LAB/www/$3" ||
	    fail "crl $1"
}

# responder PORT CA INDEX-LINE...
responder()
{
	local port=$1 by=$2

	shift 2
	printf "$1\t400101000000Z\t$2\t%s\tunknown\t/CN=%s\n" "$3" "$3" \
	    >"$p/index-$port"
	shift 3
	while [ $# -gt 0 ]; do
		printf "$1\t400101000000Z\t$2\t%s\tunknown\t/CN=%s\n" "$3" "$3" \
		    >>"$p/index-$port"
		shift 3
	done
	lab_spawn o "ocsp$port" openssl ocsp -port "$port" -ndays 1 \
	    -index "$p/index-$port" -CA "$p/$by.crt" -rsigner "$p/$by.crt" \
	    -rkey "$p/$by.key" -ignore_err
}

aia()	# PORT
{
	echo "authorityInfoAccess=OCSP;URI:http://$LAB_ORIGIN4:$1/"
}

url=http://$LAB_ORIGIN4
ca acme-ca 1001 root 2561
ca gone-ca 1002 root 2561
ca plain-ca 1003 root
ca hidden-ca 1004 root
leaf good.example acme-ca 0x21 "$(aia 2560)"
leaf gone.example acme-ca 0x22 "$(aia 2560)"
leaf unknown.example acme-ca 0x23 "$(aia 2560)"
leaf child.example gone-ca 0x31 "$(aia 2562)"
# a name with two addresses; the responder listens on one of them
leaf named.example acme-ca 0x26 \
    "authorityInfoAccess=OCSP;URI:http://good.example:2560/"
leaf dead.example acme-ca 0x24 \
    "authorityInfoAccess=OCSP;URI:http://$LAB_DEAD4/"
leaf junk.example acme-ca 0x25 "authorityInfoAccess=OCSP;URI:$url/"
leaf list.example plain-ca 0x41 "crlDistributionPoints=URI:$url/file/p.crl"
leaf struck.example plain-ca 0x42 "crlDistributionPoints=URI:$url/file/p.crl"
# the responder is dead, the list says it
leaf both.example plain-ca 0x42 "crlDistributionPoints=URI:$url/file/p.crl" \
    "authorityInfoAccess=OCSP;URI:http://$LAB_DEAD4/"
leaf quiet.example plain-ca 0x43
leaf part.example hidden-ca 0x51 "crlDistributionPoints=URI:$url/file/7.crl"
leaf orphan.example hidden-ca 0x52 \
    "authorityInfoAccess=caIssuers;URI:$url/file/hidden.der"
# the server does not send the issuer
openssl x509 -in "$p/orphan.example.crt" -out "$p/orphan.one"
mv "$p/orphan.one" "$p/orphan.example.crt"
openssl x509 -in "$p/hidden-ca.crt" -outform DER -out "$LAB/www/hidden.der"
crl plain-ca 42 p.crl
crl hidden-ca 59 7.crl \
    "issuingDistributionPoint=critical,@i
[i]
fullname=URI:$url/file/7.crl"
responder 2560 acme-ca V "" 21 V "" 26 R 260101000000Z,keyCompromise 22
responder 2561 root V "" 03E9 R 260101000000Z,CACompromise 03EA
responder 2562 gone-ca V "" 31
lab_origin_reload || fail "the origin does not reload"
lab_wait 10 lab_in o openssl ocsp -url "http://127.0.0.1:2560/" \
    -issuer "$p/acme-ca.crt" -cert "$p/good.example.crt" -noverify ||
    fail "no responder"
lab_openwad_start || fail "openwad did not start"

ask()	# NAME: "PASS", "WARN" (forged under the untrusted CA) or why not
{
	local out rv

	out=$(lab_curl "https://$1/" 2>&1)
	rv=$?
	if [ $rv -eq 60 ]; then
		out=$(lab_curl -k "https://$1/" 2>&1) && echo WARN
		return
	fi
	case $rv:$out in
	0:host="$1"*) echo PASS ;;
	*) sed -n 's/.*\[\([a-z-]*\), policy [0-9].*/\1/p
		s/^curl: .*alert \([a-z ]*\).*/alert \1/p' <<<"$out" |
		    head -n 1 ;;
	esac
}

is()	# NAME WANTED WHAT: PASS, WARN, or the reason on the page
{
	local got

	got=$(ask "$1")
	[ "$got" = "$2" ] || fail "$1 is '$got', not $2: $3
$(lab_ctl diagnose wad revocation list)
$(grep "$1" "$LAB/run/log/openwad.log" | tail -n 3)"
}

https()		# LINE...: settings of the profile's https block
{
	printf '%s\n' "config firewall ssl-ssh-profile" \
	    "edit custom-deep-inspection" "config https" "$@" end next end |
	    lab_ctl >/dev/null || fail "wadctl: $*"
}

config()	# TABLE LINE...
{
	printf 'config %s\n' "$1" >"$LAB/script"
	printf '%s\n' "${@:2}" end >>"$LAB/script"
	lab_ctl <"$LAB/script" >/dev/null || fail "wadctl: $*"
}

https "set revoked-server-cert block" "set cert-validation-timeout block" \
    "set cert-validation-failure block"
is good.example PASS "good"
is named.example PASS "a responder with a name"
is gone.example cert-revoked "revoked leaf"
is child.example cert-revoked "revoked issuer"
is unknown.example PASS "unknown, not strict"
is dead.example cert-validation-timeout "dead responder"
is junk.example cert-validation-failure "a responder that sends pages"
is list.example PASS "not in the list"
is struck.example cert-revoked "in the list"
is both.example cert-revoked "responder dead, in the list"
is part.example PASS "the part of the list that it names"
is quiet.example PASS "says nothing"
out=$(ctl diagnose wad revocation list)
has "$out" "issuer=acme-ca serial=21 status=good" "list"
has "$out" "issuer=acme-ca serial=26 status=good" "list"
has "$out" "issuer=acme-ca serial=22 status=revoked.*keyCompromise" "list"
has "$out" "issuer=Lab Origin Root serial=03ea status=revoked" "list"
has "$out" "issuer=plain-ca serial=42 status=revoked" "list"
has "$out" "url=$url/file/p.crl" "list"
log=$LAB/run/log/openwad.log
lab_wait 5 grep -q "gone.example.*revoked" "$log" || fail "no reason logged"

# What follows is the profile's choice.
https "set cert-validation-timeout ignore" \
    "set cert-validation-failure allow" "set revoked-server-cert allow"
ctl diagnose wad revocation clear >/dev/null
ctl diagnose wad cache clear >/dev/null
is dead.example PASS "timeout ignored"
is junk.example WARN "failure allowed"
is gone.example WARN "revoked allowed"

# Strict: whoever does not know says no.
https "set cert-validation-timeout block" \
    "set cert-validation-failure block" "set revoked-server-cert block"
config "vpn certificate setting" "set ocsp-status mandatory"
ctl diagnose wad cache clear >/dev/null
is good.example PASS "mandatory, all of the path answers"
is quiet.example cert-validation-failure "mandatory, nobody to ask"
config "vpn certificate setting" "set ocsp-status enable" \
    "set strict-ocsp-check enable"
ctl diagnose wad cache clear >/dev/null
is unknown.example cert-validation-failure "strict, unknown"

# Private addresses are asked only when the settings say so.
config "vpn certificate setting" "set strict-ocsp-check disable"
config "openwad settings" "set lookup-allow-private disable"
ctl diagnose wad cache clear >/dev/null
ctl diagnose wad revocation clear >/dev/null
is good.example cert-validation-failure "a private address"
has "$(ctl diagnose wad revocation list)" "internal address" "the reason"
# ... unless the administrator named the responder himself.
config "vpn certificate ocsp-server" "edit lab" \
    "set url http://$LAB_ORIGIN4:2560/" next
config "vpn certificate setting" "set ocsp-option server" \
    "set ocsp-default-server lab"
ctl diagnose wad cache clear >/dev/null
is gone.example cert-revoked "the configured responder"
has "$(ctl diagnose wad revocation list)" "serial=22 status=revoked" "it"
config "vpn certificate setting" "unset ocsp-default-server" \
    "set ocsp-status disable"

# A list that the administrator named is there before anybody asks.
config "vpn certificate crl" "edit plain" \
    "set http-url $url/file/p.crl" next
ctl diagnose wad cache clear >/dev/null
is struck.example cert-revoked "a configured list"
is list.example PASS "a configured list"

# Missing issuers: only when the settings say so.
https "set untrusted-server-cert block"
ctl diagnose wad cache clear >/dev/null
is orphan.example cert-chain-incomplete "incomplete chain"
config "openwad settings" "set aia-fetch enable" \
    "set lookup-allow-private enable"
ctl diagnose wad cache clear >/dev/null
is orphan.example PASS "the issuer is fetched"
# A staple comes: the verdict is reached again, with the issuer fetched again.
lab_staple orphan.example hidden-ca V
lab_nginx_conf
lab_origin_reload || fail "the origin does not reload"
# shellcheck disable=SC2317
stapled()
{
	lab_in o openssl s_client -connect "$LAB_ORIGIN4:443" -status \
	    -servername orphan.example </dev/null 2>/dev/null |
	    grep -q "Cert Status: good"
}
lab_wait 10 stapled || fail "the origin staples nothing"
is orphan.example PASS "the issuer is fetched, and there is a staple"
exit 0
