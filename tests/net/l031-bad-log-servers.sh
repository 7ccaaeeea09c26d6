#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Log servers that are not who they should be get nothing: another name, an
# expired certificate, another CA, old TLS.  Servers that babble, reset, say
# nothing or do not read harm nobody else.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 openssl
net_lab
d=$LAB/logpki
mkdir -p "$d" "/etc/netns/ow$net_name-g"
printf '127.0.0.1 localhost\n%s log.example\n' "$LAB_ORIGIN4" \
    >"/etc/netns/ow$net_name-g/hosts"

ca()	# FILE CN
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$d/$1.key" -out "$d/$1.crt" -subj "/CN=$2" -days 30 \
	    2>/dev/null || fail "openssl: $1"
}

cert()	# FILE CA DAYS SAN
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$d/$1.key" -subj "/CN=log server" 2>/dev/null |
	    openssl x509 -req -CA "$d/$2.crt" -CAkey "$d/$2.key" -days "$3" \
	    -CAcreateserial -extfile <(echo "subjectAltName=$4") \
	    -out "$d/$1.crt" 2>/dev/null || fail "openssl: $1"
	cat "$d/$1.crt" "$d/$1.key" >"$d/$1.pem"
}
ca ca "Log CA"
ca otherca "Other CA"
cert good ca 30 DNS:log.example
cert name ca 30 DNS:log.example.org,DNS:xlog.example
cert expired ca 0 DNS:log.example
cert other otherca 30 DNS:log.example
cert ip ca 30 "IP:$LAB_ORIGIN4"
cert ipname ca 30 "DNS:$LAB_ORIGIN4"
LAB_EXTRA="config vpn certificate ca
edit log-ca
set ca \"$(cat "$d/ca.crt")\"
next
end"
lab_spawn o logs python3 -u "$here/badlogserver.py" "$LAB_ORIGIN4" "$d"
lab_openwad_start || fail "openwad did not start"
export_pid=$(role_pids export)

use()	# PORT SERVER [TLS]
{
	ctl >/dev/null <<-C
		config log syslogd setting
		set status enable
		set server "$2"
		set port $1
		set mode ${4:-reliable}
		set enc-algorithm ${3:-high}
		end
	C
}

status()
{
	ctl diagnose log syslog status | sed '/^syslogd2/,$d'
}

# shellcheck disable=SC2317
shows()
{
	grep -Eq -- "$1" <<<"$(status)"
}

expect()	# WHAT PATTERN
{
	lab_wait 20 shows "$2" || fail "$1: no /$2/: $(status)"
}

got()	# PORT
{
	grep -c "^$1 bytes" "$LAB/logs.out"
}

# shellcheck disable=SC2317
gets()
{
	ctl diagnose log test >/dev/null
	[ "$(got "$1")" -gt 0 ]
}

taken()	# PORT SERVER WHAT
{
	use "$1" "$2"
	expect "$3" 'state: up'
	lab_wait 5 gets "$1" || fail "$3: no record came"
}

refused()	# PORT SERVER WHAT PATTERN
{
	use "$1" "$2"
	expect "$3" "last error: .*$4"
	[ "$(got "$1")" -eq 0 ] || fail "$3: it got records"
}

taken 7001 log.example "the right one"
taken 7001 log.example. "a dot at the end"
taken 7006 "$LAB_ORIGIN4" "by address"
refused 7002 log.example "another name" 'hostname mismatch'
refused 7003 log.example "expired" 'expired'
refused 7004 log.example "another CA" 'not accepted: (unable|self)'
refused 7005 log.example "TLS 1.1" '(protocol|version|closed)'
refused 7007 "$LAB_ORIGIN4" "an address as a DNS name" 'IP address mismatch'

cpu()
{
	awk '{ print $14 + $15 }' "/proc/$export_pid/stat"
}

calm()	# WHAT
{
	local a b

	a=$(cpu)
	sleep 2
	b=$(cpu)
	echo "$1: wad-export used $(((b - a) / 2)) % of a processor"
	[ $(((b - a) / 2)) -lt 25 ] || fail "$1: wad-export is busy"
	status >/dev/null
	[ "$(role_pids export)" = "$export_pid" ] || fail "$1: wad-export died"
}

use 7008 log.example
expect "a babbler" 'last error: it sends data without end'
calm "a server that babbles over TLS"
use 7009 "$LAB_ORIGIN4" disable
expect "a babbler" 'last error: it sends data without end'
calm "a server that babbles"
use 7011 "$LAB_ORIGIN4" disable
calm "a server that resets"
use 7012 "$LAB_ORIGIN4" disable
for _ in $(seq 30); do
	ctl diagnose log test >/dev/null
done
calm "a server that does not read"
use 7010 log.example
expect "silence" 'handshake took too long'
calm "a server that says nothing"
taken 7001 log.example "the right one again"
exit 0
