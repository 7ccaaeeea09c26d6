#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# openwad's own packet filter rules: made, replaced after a crash, removed; a
# foreign rule is never touched.
# shellcheck disable=SC2034
NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab

foreign()
{
	lab_in g nft list ruleset | sed '/^table inet openwad/,/^}/d'
	lab_in g ip rule list | grep 7777
	lab_in g ip route list table 777
}

ours()
{
	lab_in g nft list tables | grep -c openwad
}

lab_in g nft -f - <<-E2
table inet mine {
	chain c {
		type filter hook forward priority filter
		udp dport 9 counter drop
	}
}
E2
lab_in g ip rule add pref 7777 fwmark 0x7777 lookup 777
lab_in g ip route add local default dev lo table 777
before=$(foreign)
rules=$(lab_in g ip rule list)
lab_openwad_start || fail "start"
[ "$(ours)" -eq 1 ] || fail "no table of ours"
[ "$(foreign)" = "$before" ] || fail "a foreign rule changed at start"
out=$(lab_in g nft list ruleset)
has "$out" "udp dport 443 reject" "QUIC is rejected"
started=$(lab_in g ip rule list)

# A crash of everything: the leftovers are replaced, not doubled.
for p in $(ip netns pids "ow$net_name-g"); do
	kill -9 "$p" 2>/dev/null
done
lab_kill openwad
[ "$(ours)" -eq 1 ] || fail "the crash removed the table by itself?"
lab_curl -k -o /dev/null https://github.com/ 2>/dev/null &&
    fail "a crash let traffic pass uninspected"
lab_openwad_run || fail "no start after a crash"
[ "$(ours)" -eq 1 ] || fail "tables after the crash: $(ours)"
[ "$(lab_in g ip rule list)" = "$started" ] || fail "policy rules doubled"
lab_curl -o /dev/null https://github.com/ || fail "inspects after the crash"
lab_openwad_stop
[ "$(ours)" -eq 0 ] || fail "our table is still there after the stop"
[ "$(lab_in g ip rule list)" = "$rules" ] || fail "our policy rule is left"
[ "$(foreign)" = "$before" ] || fail "a foreign rule changed"
exit 0
