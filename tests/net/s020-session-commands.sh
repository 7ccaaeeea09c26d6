#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The walk of the session documents: each command as it is written there, on
# one console, in the official form and that of the study page.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

walk()	# LINES...: on one console
{
	printf '%s\n' "$@" | "$LAB_BIN/wadctl" -s "$LAB/run/control.sock" 2>&1
}

hold()	# WORD holder.py's arguments...
{
	local word=$1

	shift
	lab_spawn c "$word" python3 "$here/holder.py" "$@"
	lab_wait 15 grep -q ready "$LAB/$word.out" ||
	    fail "$word: $(cat "$LAB/$word.out")"
}

hold one tls "$LAB_ORIGIN4" github.com
hold six tls "$LAB_ORIGIN6" github.com

# ---- the table of options: each lets this session through, and its opposite
# does not
while read -r line; do
	out=$(walk "diagnose sys session filter $line" \
	    "diagnose sys session list" \
	    "diagnose sys session filter negate" "diagnose sys session list")
	[ "$(grep -c '^total session' <<<"$out")" -eq 2 ] ||
	    fail "filter $line: $out"
	[ "$(sed -n 's/^total session //p' <<<"$out" | tr '\n' ' ')" = "1 0 " ] ||
	    fail "filter $line: $(grep '^total' <<<"$out")"
done <<END
vd 0
vd root
vd-name root
sintf lan
dintf wan
src $LAB_CLIENT4
src 10.20.10.0/24
src 10.20.10.0 10.20.10.9
nsrc $LAB_WAN4
dst $LAB_ORIGIN4
proto 6
sport 1024 65535
nport 1024 65535
dport 443
policy 11
policy-id 11
expire 3000 3600
duration 0 600
proto-state 11
session-state1 00000200
session-state1 redir local may_dirty
session-state2 f00
ext-src $LAB_CLIENT4
ext-dst $LAB_ORIGIN4
ext-src-negate 192.0.2.1
ext-dst-negate 192.0.2.1
END
out=$(walk "diagnose sys session filter vd -1" \
    "diagnose sys session filter vd-name any" "diagnose sys session list")
has "$out" "^total session 1$" "any"

# ---- the official document
out=$(walk "diagnose sys session list")
has "$out" "^session info: proto=6 proto_state=11 " "list"
has "$out" "^total session 1$" "list"
out=$(walk "diagnose sys session filter src 10.11.101.112" \
    "diagnose sys session list" "diagnose sys session filter clear" \
    "diagnose sys session list")
[ "$(grep '^total' <<<"$out" | tr '\n' ' ')" = \
    "total session 0 total session 1 " ] || fail "clear of the filter: $out"
out=$(walk "diagnose sys session filter nsrc $LAB_WAN4" \
    "diagnose sys session filter nport 1 65535" \
    "diagnose sys session filter" "diagnose sys session list")
has "$out" "^        NAT'd source ip: $LAB_WAN4-$LAB_WAN4$" "nsrc"
has "$out" "^        NAT'd source port: 1-65535$" "nport"
has "$out" "^        vd: any$" "the others"
has "$out" "^total session 1$" "translated source"
# interfaces by index
index=$(lab_in g cat /sys/class/net/wan/ifindex)
out=$(walk "diagnose netlink interface list | grep \"index=$index \"")
has "$out" \
    "^if=wan family=00 type=1 index=$index mtu=[0-9]+ link=[0-9]+ master=0" \
    "netlink"
# a filter ends with its connection
out=$(walk "diagnose sys session filter")
hasnt "$out" "65535" "a new console has no filter"
# IPv6 has its own
out=$(walk "diagnose sys session6 filter dst $LAB_ORIGIN6" \
    "diagnose sys session6 list" "diagnose sys session6 filter")
has "$out" "^session6 info: proto=6 " "session6"
has "$out" "^total session 1$" "session6"
has "$out" "dest ip: $LAB_ORIGIN6-$LAB_ORIGIN6$" "session6 filter"

# ---- counts
out=$(walk "diagnose sys session stat")
has "$out" "session_count=1 setup_rate=" "stat"
has "$out" "^         1 in ESTABLISHED state$" "stat"
out=$(walk "diagnose sys session full-stat")
has "$out" "^session table:           table_size=[0-9]+ max_depth=1 used=2$" \
    "full-stat"
has "$(walk "get system session-info full-stat")" "session table:" "get"
has "$(walk "get system session-info statistics")" "misc info:" "get"
has "$(walk "get system session-info ttl")" "Default timeout=3600" "ttl"
out=$(walk "get system session list")
has "$out" "^PROTO   EXPIRE SOURCE           SOURCE-NAT " "table"
has "$out" "^tcp     3[0-9]{3}   $LAB_CLIENT4:[0-9]+ +$LAB_WAN4:[0-9]+ " "row"
has "$out" "$LAB_ORIGIN6:443" "both families"

# ---- the study page: its commands, its forms
walk "config system console" "set diagnose-format study" "end" >/dev/null
out=$(walk "diagnose sys session filter dst 10.10.50.100" \
    "diagnose sys session filter dport 8443" "diagnose sys session filter")
want="session filter info:
vd(any) proto(any) timeout(no)
src(any) sport(any) dst(10.10.50.100) dport(8443)
pol(any) dir(any) state(any)"
[ "$out" = "$want" ] || fail "study filter: $out"
out=$(walk "diagnose sys session filter src 10.10.1.0/24" \
    "diagnose sys session filter policy-id 42" "diagnose sys session filter")
want="session filter info:
vd(any) proto(any) timeout(no)
src(10.10.1.0/24) sport(any) dst(any) dport(any)
pol(42) dir(any) state(any)"
[ "$out" = "$want" ] || fail "study filter: $out"
out=$(walk "diagnose sys session filter proto 6" \
    "diagnose sys session filter vd root" "diagnose sys session list")
has "$out" "^orig src: $LAB_CLIENT4:[0-9]+ $LAB_WAN4:[0-9]+$" "study list"
has "$out" "^session info: proto=6 proto_state=03 " "study's states"
# Nobody fits: nobody is touched, and nothing is said.
out=$(walk "diagnose sys session filter src 10.10.1.0/24" \
    "diagnose sys session filter policy-id 42" "diagnose sys session clear")
[ -z "$out" ] || fail "clear says: $out"
hasnt "$(cat "$LAB/one.out")" "reset|eof" "a session that does not fit"
walk "config system console" "set diagnose-format official" "end" >/dev/null

# ---- wrong words say what is right
out=$(walk "diagnose sys session filter dport 70000")
has "$out" "0 to 65535" "a port that is none"
out=$(walk "diagnose sys session filter src $LAB_ORIGIN6")
has "$out" "diagnose sys session6 filter" "the other family"
out=$(walk "diagnose sys session delete nothing")
has "$out" "not a serial" "delete"

# ---- one by its serial, then all of a family
serial=$(walk "diagnose sys session list" |
    sed -n 's/^serial=\([0-9a-f]*\).*/\1/p')
out=$(walk "diagnose sys session delete $serial")
[ -z "$out" ] || fail "delete says: $out"
lab_wait 5 grep -q "reset" "$LAB/one.out" || fail "the client sees no reset"
out=$(walk "diagnose sys session delete $serial")
has "$out" "no session has this serial" "a second time"
out=$(walk "diagnose sys session clear" "diagnose sys session6 list")
has "$out" "^total session 1$" "the other family stays"
walk "diagnose sys session6 clear" >/dev/null
lab_wait 5 grep -q "reset" "$LAB/six.out" || fail "IPv6 sees no reset"
has "$(walk "diagnose sys session stat")" " flush=[1-9]" "flush"
has "$(walk "diagnose sys session stat")" " flush=0," "flush goes back"
exit 0
