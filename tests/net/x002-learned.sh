#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Learned exemptions: a client that rejects our certificate is noticed, and
# left alone only when the setting says so; never for what is blocked, never
# after one success.  The console shows and empties what is remembered.
# shellcheck disable=SC2034,SC2317
NET_KILLS=1
LAB_EXTRA="config firewall ssl-ssh-profile
edit custom-deep-inspection
config https
set ports 443 9443
end
set ssl-exemption-log enable
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
log=$LAB/run/log/openwad.log

setting()	# LINE...: of `openwad settings`, on the console
{
	printf '%s\n' "config openwad settings" "$@" end | lab_ctl \
	    >"$LAB/ctl.out" 2>&1 || fail "$*: $(cat "$LAB/ctl.out")"
	sleep 0.5
}

pinned()	# URL [curl options]: a client that trusts the origin's CA only
{
	lab_curl --cacert "$LAB/pki/root.crt" -o /dev/null "$@" 2>/dev/null
}

state()	# NAME: rejections, evidence and state in the list
{
	ctl diagnose wad learned-exempt list | awk -v n="$1" \
	    '$2 == n { print $3, $4, $9 }'
}

same()
{
	[ "$(state "$1")" = "$2" ]
}

is()	# NAME WANTED
{
	lab_wait 5 same "$@" || fail "$1: '$(state "$1")', not '$2'"
}

figure()	# CACHE COLUMN: of all workers
{
	ctl diagnose wad cache list | awk -v c="$1" -v k="$2" \
	    '$1 == c && $2 == "all" { print $k }'
}

# monitor, the default: recorded and shown, nothing else
for _ in 1 2 3; do
	pinned https://github.com/ && fail "a pinned client took our certificate"
done
is github.com "3 unknown_ca exempt"
pinned https://github.com/ && fail "monitor applies it"
lab_wait 5 grep -q \
    "learned exemption: client $LAB_CLIENT4 .*'github.com' 2 times.*would" \
    "$log" || fail "not logged"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" github.com interface lan)
has "$out" "learned, but only monitored" "explain"
# One success is enough for ever.
lab_curl -o /dev/null https://github.com/ || fail "a good client"
is github.com "4 unknown_ca never"
# And one of before: another program of the same client pins.
lab_curl -o /dev/null https://rsa.example/ || fail "rsa.example"
pinned https://rsa.example/ && fail "rsa.example, pinned"
is rsa.example "1 unknown_ca never"
# TLS 1.2, and a client that only closes.
pinned https://example.com/ --tls-max 1.2 && fail "TLS 1.2"
is example.com "1 unknown_ca suspect"
for v in 1.2 1.3; do
	lab_in c timeout 20 python3 "$here/walkaway.py" "$LAB_ORIGIN4" \
	    www.example.com "$v" || fail "walkaway $v"
done
is www.example.com "2 closed exempt"
# What is not a rejection: another alert, a client that stays, no SNI, a page,
# a certificate that says the origin is bad.
lab_in c timeout 20 python3 "$here/walkaway.py" "$LAB_ORIGIN4" \
    a.wild.example stay || fail "walkaway stay"
for n in bet.example untrusted.example; do
	pinned "https://$n/" && fail "$n was not refused"
done
pinned "https://$LAB_ORIGIN4/"
for n in a.wild.example bet.example untrusted.example "$LAB_ORIGIN4"; do
	[ -z "$(state "$n")" ] || fail "$n: $(state "$n")"
done

# apply: passed on as it is, after two rejections, for this client only
setting "set learned-exempt apply"
pinned https://wild.example/ && fail "wild.example, first"
is wild.example "1 unknown_ca suspect"
pinned https://wild.example/ && fail "wild.example, second"
is wild.example "2 unknown_ca exempt"
pinned https://wild.example/ || fail "a learned exemption is not applied"
pinned https://www.example.com/ || fail "one of before is not applied"
pinned https://github.com/ && fail "applied after a success"
lab_curl6 -o /dev/null https://wild.example/ || fail "another client"
pinned https://bet.example/ && fail "a blocked name"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" wild.example interface lan)
has "$out" "exemption.*x_learned" "explain"
has "$out" "result.*byte for byte" "explain"
lab_wait 5 grep -q "'wild.example' is exempt from inspection (x_learned)" \
    "$log" || fail "its use is not logged"
# The name opens nothing where the server does not prove that it has it.
lab_spawn o tunnel python3 "$here/tunnel.py" serve "$LAB_ORIGIN4"
lab_wait 10 lab_in o python3 -c "import socket
socket.create_connection(('$LAB_ORIGIN4', 9443), timeout=2).close()" ||
    fail "no tunnel server"
lab_in c timeout 60 python3 "$here/tunnel.py" send "$LAB_ORIGIN4" wild.example \
    >"$LAB/tunnel.out" 2>&1 && fail "a learned exemption opens a tunnel"
# A worker that is new gets the table.
had=$(figure learned 3)
for pid in $(role_pids worker); do
	kill -9 "$pid"
done
has_table()
{
	[ "$(figure learned 3)" = "$had" ]
}
lab_wait 10 lab_curl https://github.com/ || fail "no new worker"
lab_wait 5 has_table || fail "$(figure learned 3) entries of $had"
for _ in 1 2 3 4; do
	pinned https://wild.example/ || fail "a new worker knows nothing"
done
is wild.example "2 unknown_ca exempt"

# Of one client, of one name, of all.
out=$(ctl diagnose wad learned-exempt list client 192.0.2.1)
hasnt "$out" "wild.example" "another client's list"
out=$(ctl diagnose wad learned-exempt clear name WWW.example.com)
has "$out" "^1 forgotten" "clear name"
pinned https://www.example.com/ && fail "still applied"
pinned https://wild.example/ || fail "too much was cleared"
out=$(ctl diagnose wad learned-exempt clear client "$LAB_CLIENT4")
has "$out" "^[1-9][0-9]* forgotten" "clear client"
pinned https://wild.example/ && fail "still applied"
# wad-control keeps it in memory; its workers forget with it.
pinned https://wild.example/ && fail "not twice yet"
is wild.example "2 unknown_ca exempt"
kill -9 "$(role_pids control)"
lab_wait 10 lab_ctl diagnose wad learned-exempt list ||
    fail "no new wad-control"
lab_wait 10 eval '! pinned https://wild.example/' || fail "not forgotten"
setting "set learned-exempt disable"
pinned https://wild.example/ && fail "disabled"
out=$(ctl diagnose wad learned-exempt list)
has "$out" "disable" "list"
[ -z "$(state wild.example)" ] || fail "recorded though it is disabled"

# ---- the caches ----
ctl diagnose wad cache clear all >/dev/null
for c in cert-inspection certificate bypass learned; do
	[ "$(figure $c 3)" = 0 ] || fail "$c: $(ctl diagnose wad cache list)"
done
for _ in 1 2 3 4 5 6; do
	lab_curl -o /dev/null https://github.com/ || fail "github.com"
done
out=$(ctl diagnose wad cache show cert-inspection)
has "$out" "github.com server=$LAB_ORIGIN4:443 verdict=good age=" "show"
has "$out" "^worker 0:" "show"
out=$(ctl diagnose wad cache show certificate GitHub)
has "$out" 'github.com subject="/CN=github.com" ca=acmeCAcert key=EC' "show"
out=$(ctl diagnose wad cache show certificate nothing.like.it)
hasnt "$out" "github.com" "the filter"
[ "$(figure certificate 6)" -gt 0 ] || fail "no hit"
ctl diagnose wad cache clear certificate >/dev/null
[ "$(figure certificate 3)" = 0 ] || fail "certificate is not empty"
[ "$(figure cert-inspection 3)" -gt 0 ] || fail "too much was cleared"
before=$(figure certificate 7)
lab_curl -o /dev/null https://github.com/ || fail "after the clear"
[ "$(figure certificate 7)" -gt "$before" ] || fail "no miss after the clear"
[ "$(figure certificate 3)" = 1 ] || fail "not there again"
out=$(lab_ctl diagnose wad cache show nothing 2>&1) && fail "a wrong cache"
has "$out" "certificate" "the valid words"
exit 0
