#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Resumption on both legs: tickets are good in every worker, and for nobody and
# nothing else than what they were given for; upstream sessions are used again,
# and each client still has its own connection to its own server.
# shellcheck disable=SC2034
LAB_WORKERS=2 LAB_NAT=disable
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_lab
lab_ca otherCA otherCA
mkdir -p "$LAB/run/certs"
chmod 700 "$LAB/run/certs"
cp "$LAB/pki/otherCA.crt" "$LAB/pki/otherCA.key" "$LAB/run/certs/"
cat "$LAB/pki/otherCA.crt" "$LAB/pki/$LAB_CA.crt" >"$LAB/both.crt"
lab_openwad_start || fail "openwad did not start"
rv=0
bad()
{
	echo "BAD: $*"
	rv=1
}

tls()	# NAME [s_client options]: handshake, one request, all it says
{
	local name=$1

	shift
	printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" |
	    lab_in c timeout 15 openssl s_client -ign_eof \
	    -connect "$LAB_ORIGIN4:443" -servername "$name" \
	    -CAfile "$LAB/both.crt" "$@" 2>&1
}
session()	# FILE NAME [options]: a session is in FILE, or the row fails
{
	local file=$1

	shift
	rm -f "$file"
	tls "$@" -sess_out "$file" >"$LAB/first"
	[ -s "$file" ] && openssl sess_id -in "$file" -text -noout |
	    grep -q 'TLS session ticket:' && return 0
	rm -f "$file"
	bad "no ticket: $* ($(grep -c 'host=' "$LAB/first") answers)"
	return 1
}
resumes()	# FILE NAME [options]
{
	local file=$1

	shift
	tls "$@" -sess_in "$file" >"$LAB/again"
	grep -q '^Reused, TLS' "$LAB/again"
}
console()	# console lines on standard input, at work when this returns
{
	local g

	g=$(grep -c 'generation [0-9]* runs' "$LAB/openwad.out")
	lab_ctl >"$LAB/out" 2>&1
	lab_wait 5 sh -c "[ \$(grep -c 'generation [0-9]* runs' \
	    '$LAB/openwad.out') -gt $g ]" || bad "console: $(cat "$LAB/out")"
}
category()	# ACTION for github.com's
{
	printf '%s\n' 'config webfilter profile' 'edit "web-filter-test"' \
	    'config ftgd-wf' 'config filters' 'edit 41' 'set category 52' \
	    "set action $1" next end end next end | console
}
fresh()		# a new session of each version that has had one
{
	local v

	for v in tls1_2 tls1_3; do
		[ ! -s "$LAB/$v.sess" ] ||
		    session "$LAB/$v.sess" github.com -$v
	done
}

for v in tls1_2 tls1_3; do
	s=$LAB/$v.sess
	session "$s" github.com -$v || continue
	# Twenty: one worker has all of them once in half a million runs.
	n=0
	for _ in {1..20}; do
		resumes "$s" github.com -$v && n=$((n + 1))
		grep -q 'host=github.com' "$LAB/again" ||
		    bad "$v: a resumed session has no answer"
	done
	[ $n = 20 ] || bad "$v: $n of 20 connections resumed"
	# Another name: a whole handshake, with that name's certificate.
	resumes "$s" example.com -$v && bad "$v: resumed for another name"
	grep -q '0 s:CN = example.com' "$LAB/again" ||
	    bad "$v: no certificate for the other name"
	tls github.com -$v -sess_in "$s" -noservername >"$LAB/again"
	grep -q '^Reused, TLS' "$LAB/again" && bad "$v: resumed without SNI"
	# A ticket of which one bit is another.
	openssl sess_id -in "$s" -outform DER -out "$LAB/der" >/dev/null 2>&1
	python3 - "$LAB/der" <<-'P'
	import re
	import sys
	b = bytearray(open(sys.argv[1], "rb").read())
	# [10] OCTET STRING, of 128 to 255 bytes: the ticket.  The certificate
	# before it may hold any two bytes.
	at = re.search(rb"\xaa\x81.\x04\x81", b, re.S).start()
	b[at + 3 + b[at + 2] // 2] ^= 1
	open(sys.argv[1], "wb").write(b)
	P
	openssl sess_id -inform DER -in "$LAB/der" -out "$LAB/forged.sess" \
	    >/dev/null 2>&1 || bad "$v: no ticket to forge"
	resumes "$LAB/forged.sess" github.com -$v &&
	    bad "$v: a forged ticket is accepted"
done

# Upstream: the origin sees its sessions again, from both workers, never at the
# first connection to another name.
out=$(lab_curl https://rsa.example/)
has "$out" "reused=\. " "first connection to a name"
n=0
for _ in {1..20}; do
	out=$(lab_curl https://rsa.example/)
	[[ $out == *"reused=r "* ]] && n=$((n + 1))
done
[ $n -ge 15 ] || bad "upstream: $n of 20 connections resumed"
# another offer has sessions of its own, though the verdict is known already
n=0
for _ in {1..6}; do
	out=$(lab_curl --tls-max 1.2 https://rsa.example/)
	[[ $out == *"tls=TLSv1.2 reused=r "* ]] && n=$((n + 1))
done
[ $n -ge 4 ] || bad "upstream, another offer: $n of 6 connections resumed"
out=$(lab_curl https://sub.wild.example/)
has "$out" "reused=\. " "first connection to another name"
[ "$(issuer_of rsa.example)" = "$LAB_CA" ] ||
    bad "the forged certificate after a resumed upstream session"

# Two clients, two servers, all at once: each gets the answer of the server
# that it asked, over an upstream connection from its own address that nobody
# else had.
other=10.20.10.3
ip -n "ow$LAB_NAME-c" addr add $other/24 dev eth0
for i in {1..10}; do
	pids=()
	for src in "$LAB_CLIENT4" $other; do
		for name in github.com example.com; do
			lab_curl --interface "$src" "https://$name/" \
			    >"$LAB/got.$i.$src+$name" 2>&1 &
			pids+=($!)
		done
	done
	wait "${pids[@]}"
done
for f in "$LAB"/got.*; do
	src=${f##*/got.}
	name=${src#*+}
	src=${src#*.}
	grep -q "host=$name client=${src%+*} " "$f" ||
	    bad "${f##*/}: $(cat "$f")"
done
n=$(cat "$LAB"/got.* | grep -o 'conn=[0-9]*' | sort -u | wc -l)
[ "$n" = 40 ] || bad "40 connections of clients are $n of servers"

# Another policy: a ticket does not carry the old verdict on.
fresh
category block
for v in tls1_2 tls1_3; do
	[ -s "$LAB/$v.sess" ] || continue
	resumes "$LAB/$v.sess" github.com -$v &&
	    bad "$v: resumed though the policy is another"
	grep -q 'host=github.com' "$LAB/again" &&
	    bad "$v: a blocked name is served to a ticket"
done
category monitor

# Another CA: the client must see the new one.
fresh
printf '%s\n' 'config firewall ssl-ssh-profile' \
    'edit "custom-deep-inspection"' 'set caname "otherCA"' next end | console
for v in tls1_2 tls1_3; do
	[ -s "$LAB/$v.sess" ] || continue
	resumes "$LAB/$v.sess" github.com -$v && bad "$v: resumed under another CA"
	grep -q 'i:.*CN = otherCA' "$LAB/again" ||
	    bad "$v: the new CA is not shown"
done

# No resumption at all where the setting says so.
printf '%s\n' 'config firewall ssl setting' \
    'set abbreviate-handshake disable' end | console
for v in tls1_2 tls1_3; do
	tls github.com -$v -sess_out "$LAB/none.sess" >"$LAB/first"
	[ ! -s "$LAB/none.sess" ] ||
	    ! resumes "$LAB/none.sess" github.com -$v ||
	    bad "$v: resumed with abbreviate-handshake disable"
done
exit $rv
