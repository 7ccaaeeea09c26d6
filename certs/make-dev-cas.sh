#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes certificates for development and for the lab into a folder:
#
#   lab-root.crt/.key          root "ACME lab root": clients of the lab trust it
#   acmeCAcert.crt/.key        signing CA below it: signs forged certificates
#   acmeUntrusted.crt/.key     root nobody trusts: signs for bad origins
#   portal.crt/.key            server certificate for pages (portal, sign-in)
#   origin-root.crt/.key       root of the lab's servers: openwad trusts it
#   origin-ca.crt/.key         CA below it
#   origin.crt/.key            server, EC P-256 (chain included)
#   origin-rsa.crt/.key        the same names, RSA-2048
#   origin-expired.crt/.key    was valid until yesterday
#   origin-wrong.crt/.key      for another host
#   origin-selfsigned.crt/.key signed by itself
#   origin-untrusted.crt/.key  signed by a root that nobody knows
#
# usage: make-dev-cas.sh FOLDER [NAME ...]
#
# NAME: host names and addresses of the lab's servers (default: localhost and
# a few under example.com).  What is there already is kept, so that a lab can
# be started again with the CA that a browser knows.  Keys have mode 0600 and
# belong nowhere but into that folder: never commit one.

set -eu
umask 077

die() {
	echo "make-dev-cas.sh: $*" >&2
	exit 1
}

[ $# -ge 1 ] || die "usage: make-dev-cas.sh FOLDER [NAME ...]"
command -v openssl >/dev/null || die "openssl is missing: apt-get install openssl"
dir=$1
shift
[ $# -gt 0 ] || set -- www.example.com example.com '*.example.com' \
	localhost 127.0.0.1 ::1
mkdir -p "$dir" || die "$dir cannot be made"
cd "$dir"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM

# sans NAME ...: the value of subjectAltName.
sans() {
	list=
	for n in "$@"; do
		case $n in
		*[!A-Za-z0-9.:_*-]*) die "'$n' is not a host name or address" ;;
		*:*) kind=IP ;;
		*[!0-9.]*) kind=DNS ;;
		*) kind=IP ;;
		esac
		list=$list${list:+,}$kind:$n
	done
	echo "$list"
}

# newkey FILE ec|rsa
newkey() {
	if [ "$2" = rsa ]; then
		openssl genpkey -quiet -algorithm RSA \
			-pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null ||
		openssl genpkey -algorithm RSA \
			-pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null
	else
		openssl genpkey -algorithm EC \
			-pkeyopt ec_paramgen_curve:P-256 -out "$1"
	fi
	chmod 600 "$1"
}

# have NAME: certificate and key are there already.
have() {
	[ -s "$1.crt" ] && [ -s "$1.key" ]
}

# sign NAME CN ISSUER EXTENSIONS KEYTYPE [OPTION ...]: key, request and
# certificate; ISSUER "" is the certificate itself.
sign() {
	name=$1 cn=$2 issuer=$3 ext=$4 type=$5
	shift 5
	newkey "$name.key" "$type"
	printf '%s\n' "subjectKeyIdentifier=hash" "$ext" >"$tmp/ext"
	openssl req -new -key "$name.key" -subj "/CN=$cn" -out "$tmp/csr" \
		-config /dev/null 2>/dev/null ||
	openssl req -new -key "$name.key" -subj "/CN=$cn" -out "$tmp/csr"
	if [ -n "$issuer" ]; then
		echo "authorityKeyIdentifier=keyid:always" >>"$tmp/ext"
		set -- -CA "$issuer.crt" -CAkey "$issuer.key" "$@"
	else
		set -- -key "$name.key" "$@"
	fi
	openssl x509 -req -in "$tmp/csr" -out "$name.crt" -sha256 \
		-set_serial "0x$(openssl rand -hex 15 | sed 's/^./4/')" \
		-extfile "$tmp/ext" "$@" 2>"$tmp/err" ||
		die "$name: $(cat "$tmp/err")"
	chmod 644 "$name.crt"
}

root_ext='basicConstraints=critical,CA:TRUE
keyUsage=critical,digitalSignature,keyCertSign,cRLSign'
sub_ext='basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,digitalSignature,keyCertSign,cRLSign'

# leaf_ext KEYTYPE NAME ...
leaf_ext() {
	usage=digitalSignature
	[ "$1" = rsa ] && usage=$usage,keyEncipherment
	shift
	printf '%s\n' 'basicConstraints=critical,CA:FALSE' \
		"keyUsage=critical,$usage" 'extendedKeyUsage=serverAuth' \
		"subjectAltName=$(sans "$@")"
}

have lab-root || sign lab-root "ACME lab root" "" "$root_ext" ec -days 3650
if ! have acmeCAcert; then
	sign acmeCAcert "ACME signing CA" lab-root "$sub_ext" ec -days 1825
fi
have acmeUntrusted ||
	sign acmeUntrusted "ACME untrusted CA" "" "$root_ext" ec -days 3650
if ! have portal; then
	sign portal portal.example.com lab-root \
		"$(leaf_ext ec portal.example.com)" ec -days 397
fi

have origin-root ||
	sign origin-root "Lab origin root" "" "$root_ext" ec -days 3650
have origin-ca ||
	sign origin-ca "Lab origin CA" origin-root "$sub_ext" ec -days 1825

# Servers are made anew each time: their names may be others.
sign origin "$1" origin-ca "$(leaf_ext ec "$@")" ec -days 90
cat origin-ca.crt >>origin.crt
sign origin-rsa "$1" origin-ca "$(leaf_ext rsa "$@")" rsa -days 90
cat origin-ca.crt >>origin-rsa.crt
sign origin-wrong other.example.net origin-ca \
	"$(leaf_ext ec other.example.net)" ec -days 90
cat origin-ca.crt >>origin-wrong.crt
sign origin-selfsigned "$1" "" "$(leaf_ext ec "$@")" ec -days 90

# `openssl x509` dates from now, so the one that ended is made by `ca`.
newkey origin-expired.key ec
{
	echo "authorityKeyIdentifier=keyid:always"
	echo "subjectKeyIdentifier=hash"
	leaf_ext ec "$@"
} >"$tmp/ext"
cat >"$tmp/ca.cnf" <<END
[ca]
default_ca = lab
[lab]
database = $tmp/index
new_certs_dir = $tmp
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
END
: >"$tmp/index"
openssl req -new -key origin-expired.key -subj "/CN=$1" -out "$tmp/csr"
openssl ca -batch -notext -config "$tmp/ca.cnf" -in "$tmp/csr" \
	-cert origin-ca.crt -keyfile origin-ca.key -extfile "$tmp/ext" \
	-startdate "$(date -u -d '-90 days' +%Y%m%d%H%M%SZ)" \
	-enddate "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)" \
	-out origin-expired.crt 2>"$tmp/err" ||
	die "origin-expired: $(cat "$tmp/err")"
cat origin-ca.crt >>origin-expired.crt
chmod 644 origin-expired.crt

# A root that is thrown away at once.
newkey "$tmp/nobody.key" ec
sign "$tmp/nobody" "Unknown root" "" "$root_ext" ec -days 90
sign origin-untrusted "$1" "$tmp/nobody" "$(leaf_ext ec "$@")" ec -days 90

echo "certificates for $* are in $(pwd)"
