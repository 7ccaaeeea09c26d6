#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The administrator's walk: the commands of session-table and of
# action-ip-conn as they are written there, in their order, on one console
# each, with live sessions behind them, in both formats; the study page's own
# forms are in s020, its filters here.  What openwad has not is said.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
LAB_EXPLICIT=1
net_start

walk()	# LINES...: on one console
{
	printf '%s\n' "$@" | "$LAB_BIN/wadctl" -s "$LAB/run/control.sock" 2>&1
}

format()	# official|study
{
	local out

	out=$(walk "config system console" "set diagnose-format $1" "end")
	[ -z "$out" ] || fail "diagnose-format $1: $out"
}

total()	# OUTPUT: the numbers that its lists ended with
{
	sed -n 's/^total session //p' <<<"$1" | tr '\n' ' '
}

hold()	# WORD
{
	lab_spawn c "$1" python3 "$here/holder.py" tls "$LAB_ORIGIN4" github.com
	lab_wait 15 grep -q ready "$LAB/$1.out" ||
	    fail "$1: $(cat "$LAB/$1.out")"
}

# The interface that the two devices of a record name.
names()	# RECORD: "lan wan"
{
	local from to i

	from=$(sed -n 's/.*dev=\([0-9]*\)->.*/\1/p' <<<"$1" | head -n 1)
	to=$(sed -n 's/.*dev=[0-9]*->\([0-9]*\).*/\1/p' <<<"$1" | head -n 1)
	for i in "$from" "$to"; do
		walk "diagnose netlink interface list | grep \"index=$i \"" |
		    sed -n 's/^if=\([^ ]*\) family=00 type=1 index=.*/\1/p'
	done | tr '\n' ' '
}

hold one
hold two
sport=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$LAB/one.out")

for f in official study; do
	format $f

	# "Finding the security policy for a specific connection"
	out=$(walk "diagnose sys session list")
	[ "$(total "$out")" = "2 " ] || fail "$f: list: $out"
	has "$out" "policy_id=11 " "$f: the policy"
	[ "$(names "$out")" = "lan wan " ] || fail "$f: devices: $out"
	out=$(walk "diagnose sys session filter sport $sport" \
	    "diagnose sys session filter dport 443" \
	    "diagnose sys session filter dst $LAB_ORIGIN4" \
	    "diagnose sys session list")
	[ "$(total "$out")" = "1 " ] || fail "$f: one connection: $out"
	has "$out" "$LAB_CLIENT4:$sport" "$f: it is that one"

	# the examples: one filter, then another on a console of its own
	out=$(walk "diagnose sys session filter src 10.11.101.112" \
	    "diagnose sys session list")
	[ "$(total "$out")" = "0 " ] || fail "$f: src: $out"
	out=$(walk "diagnose sys session filter dst 172.20.120.222" \
	    "diagnose sys session list")
	[ "$(total "$out")" = "0 " ] || fail "$f: dst: $out"
	out=$(walk "diagnose sys session filter dst 172.20.120.222" \
	    "diagnose sys session clear")
	[ -z "$out" ] || fail "$f: clear: $out"
	out=$(walk "diagnose sys session filter nsrc 172.20.120.122" \
	    "diagnose sys session filter nport 8888" \
	    "diagnose sys session list")
	[ "$(total "$out")" = "0 " ] || fail "$f: nsrc, nport: $out"
	out=$(walk "diagnose sys session filter nsrc $LAB_WAN4" \
	    "diagnose sys session filter nport $sport" \
	    "diagnose sys session list")
	[ "$(total "$out")" = "1 " ] || fail "$f: translated: $out"
	[ "$(total "$(walk "diagnose sys session list")")" = "2 " ] ||
	    fail "$f: clear with a filter that fits nobody ended a session"

	# the study page's commands, placeholders filled in
	out=$(walk "diagnose sys session filter src $LAB_CLIENT4" \
	    "diagnose sys session filter dst $LAB_ORIGIN4" \
	    "diagnose sys session filter proto 6" \
	    "diagnose sys session filter dport 443" \
	    "diagnose sys session filter sport $sport" \
	    "diagnose sys session filter policy-id 11" \
	    "diagnose sys session filter vd root" \
	    "diagnose sys session filter" "diagnose sys session list" \
	    "diagnose sys session filter clear" "diagnose sys session list")
	[ "$(total "$out")" = "1 2 " ] || fail "$f: seven filters: $out"

	# What the other documents have and openwad has not.
	for c in 'diagnose sniffer packet any "host x.x.x.x" 4 0 a' \
	    'diagnose sniffer packet any "host x.x.x.x and port 53" 4 0 a' \
	    "diagnose sniffer packet any 'host 10.10.1.55' 4"; do
		has "$(walk "$c")" "^openwad has no packet sniffer: .*tcpdump" \
		    "$c"
	done
	for c in "filter addr 10.10.1.55" "show console enable" \
	    "trace start 10" "trace stop"; do
		has "$(walk "diagnose debug flow $c")" \
		    "^openwad has no flow trace: .*diagnose wad explain" "$c"
	done
done

# A command copied with the quotes of print means the same.
i=$(lab_in g cat /sys/class/net/wan/ifindex)
q=$'\xe2\x80\x9c'
has "$(walk "diagnose netlink interface list | grep ${q}index=$i $q")" \
    "^if=wan family=00 type=1 index=$i mtu=" "quotes of print"

# ---- action-ip-conn: a server that does not answer, found from here
format official
lab_in c curl -sk -m 4 --resolve "dead.example:443:$LAB_DEAD4" \
    https://dead.example/ >/dev/null
# shellcheck disable=SC2317	# lab_wait calls it
dead() { lab_ctl execute log display | grep -q 'action="ip-conn"'; }
lab_wait 15 dead || fail "no ip-conn: $(lab_ctl execute log display)"
out=$(lab_ctl execute log display | grep 'action="ip-conn"')
for w in 'logid="0000000011"' 'type="traffic"' 'subtype="forward"' \
    'level="warning"' 'crscore=5' 'craction=262144' 'crlevel="low"' \
    "dstip=$LAB_DEAD4" 'appcat="unscanned"' 'policyid=11'; do
	has "$out" " $w( |$)" "the record of the article"
done
out=$(walk "execute ping-options repeat-count 10000" \
    "execute ping-options view-settings")
has "$out" "Repeat Count: 10000" "repeat-count"
out=$(walk "execute ping-options repeat-count 1" \
    "execute ping-options timeout 1" "execute ping $LAB_DEAD4")
has "$out" "1 packets transmitted, 0 packets received, 100% packet loss" \
    "the server is not there"
has "$(walk "diagnose hardware sysinfo memory")" "^MemTotal: +[0-9]+ kB" mem
has "$(walk "get system performance status")" "^CPU states: [0-9]+% user" cpu
for c in "get system performance top" "diagnose system top"; do
	has "$(walk "$c")" "wad-worker +[0-9]+ +[RSD]" "$c"
done

# ---- clear, at last: silent, and both legs are reset
out=$(walk "diagnose sys session filter sport $sport" \
    "diagnose sys session clear" "diagnose sys session filter clear")
[ -z "$out" ] || fail "clear: $out"
lab_wait 5 grep -q reset "$LAB/one.out" || fail "the client sees no reset"
[ "$(total "$(walk "diagnose sys session list")")" = "1 " ] ||
    fail "the other one went with it"
exit 0
