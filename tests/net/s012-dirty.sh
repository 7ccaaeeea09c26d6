#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# New policies are also about open sessions: what they deny is cut on both
# sides at once, stays in the list as CLOSE with `block`, and is gone after
# five seconds; the rest goes on under the policy that it has now.
# shellcheck disable=SC2034,SC2317
LAB_EXPLICIT=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 dnsmasq
net_start

conf()	# TEXT: configuration
{
	"$LAB_BIN/wadctl" -s "$LAB/run/control.sock" <<<"$1" >/dev/null ||
	    fail "the console does not take: $1"
}

hold()	# WORD holder.py's arguments...
{
	local word=$1

	shift
	lab_spawn c "$word" python3 "$here/holder.py" "$@"
	lab_wait 15 grep -q ready "$LAB/$word.out" ||
	    fail "$word: $(cat "$LAB/$word.out")"
}

record()	# WORD: the record of its connection
{
	local port

	port=$(sed -n 's/ready port=//p' "$LAB/$1.out")
	ctl diagnose sys session list | awk -v RS= -v p=":$port ?->" '$0 ~ p'
}

lab_in c ip addr add 10.20.10.7/24 dev eth0
hold stays tls "$LAB_ORIGIN4" github.com
hold other tls "$LAB_ORIGIN4" github.com -b 10.20.10.7
hold exempt tls "$LAB_ORIGIN4" bank.example -b 10.20.10.7
hold proxy tls - github.com -x "$LAB_LAN4:8080"
has "$(record other)" "policy_id=11 " "before"

# A change that denies nobody: sessions take the new policy over.
conf 'config firewall policy
edit 5
set name "new"
set srcintf "lan"
set dstintf "wan"
set action accept
set srcaddr "all"
set dstaddr "all"
set schedule "always"
set service "ALL"
set ssl-ssh-profile "custom-deep-inspection"
set logtraffic all
set nat enable
next
move 5 before 11
end'
moved()
{
	record "$1" | grep -q "policy_id=5 "
}
lab_wait 5 moved stays || fail "not under the new policy: $(record stays)"
lab_wait 5 moved exempt || fail "not under the new policy: $(record exempt)"
for w in stays other exempt proxy; do
	hasnt "$(cat "$LAB/$w.out")" "reset|eof" "$w goes on"
done
hasnt "$(record stays)" "^state=.*( dirty| block)" "it is judged"

# Now one client is denied.
conf 'config firewall address
edit "seven"
set subnet 10.20.10.7 255.255.255.255
next
end'
conf 'config firewall policy
edit 3
set name "no"
set srcintf "lan"
set dstintf "wan"
set action deny
set srcaddr "seven"
set dstaddr "all"
set schedule "always"
set service "ALL"
next
move 3 before 5
end'
lab_wait 5 grep -q reset "$LAB/other.out" || fail "still there: other"
closed()
{
	out=$(record other)
	[[ $out == *proto_state=66* ]]
}
lab_wait 2 closed || fail "not as CLOSE: $out"
has "$out" "proto_state=66 .* timeout=5" "as CLOSE"
has "$out" "^state=.* block" "blocked"
for w in stays proxy; do
	hasnt "$(cat "$LAB/$w.out")" "reset|eof" "$w goes on"
done
lab_wait 5 grep -q reset "$LAB/exempt.out" || fail "still there: exempt"
serial=$(sed -n 's/^serial=\([0-9a-f]*\).*/\1/p' <<<"$out")
its="type=\"traffic\".* sessionid=$((16#$serial)) "
lab_wait 5 grep -q "$its" "$LAB/run/log/openwad.log" || fail "no record"
sleep 6		# one, also when it leaves the list
one=$(grep -h "$its" "$LAB/run/log/openwad.log")
has "$one" 'action="deny".*reason="policy-changed"' "its record"
[ "$(wc -l <<<"$one")" -eq 1 ] || fail "more than one record: $one"
gone()
{
	[ -z "$(record other)" ]
}
lab_wait 9 gone || fail "still in the list: $(record other)"

# The explicit proxy's sessions, too: nothing accepts them any more.
conf 'config firewall proxy-policy
delete 1
end'
lab_wait 5 grep -q reset "$LAB/proxy.out" || fail "still there: proxy"
hasnt "$(cat "$LAB/stays.out")" "reset|eof" "stays"

# check-new: open sessions keep what they have, new ones do not.
conf 'config system settings
set firewall-session-dirty check-new
end'
conf 'config firewall policy
delete 5
edit 11
set srcaddr "seven"
next
end'
lab_in c curl -sk --max-time 5 -o /dev/null "https://$LAB_ORIGIN4/" &&
    fail "a new connection passed without a policy"
sleep 1
hasnt "$(cat "$LAB/stays.out")" "reset|eof" "check-new"
has "$(record stays)" "policy_id=5 " "check-new"
exit 0
