#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The commands of the seed action-ip-conn that look at the machine: ping with
# its options, memory, performance, top.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
LAB_EXPLICIT=1
net_start

# options belong to the console connection
out=$(lab_ctl <<-EOC
	execute ping-options repeat-count 3
	execute ping-options data-size 100
	execute ping-options view-settings
	execute ping $LAB_ORIGIN4
	execute ping6 $LAB_ORIGIN6
	EOC
) || fail "ping: $out"
has "$out" "Repeat Count: 3" "view-settings"
has "$out" "PING $LAB_ORIGIN4 .$LAB_ORIGIN4.: 100 data bytes" "head"
has "$out" "108 bytes from $LAB_ORIGIN4: icmp_seq=2 ttl=" "third echo"
hasnt "$out" "icmp_seq=3" "a fourth echo"
has "$out" "3 packets transmitted, 3 packets received, 0% packet loss" "sum"
has "$out" "108 bytes from $LAB_ORIGIN6: icmp_seq=0 time=" "IPv6"
out=$(lab_ctl execute ping github.com) || fail "a name: $out"
has "$out" "PING github.com .$LAB_ORIGIN4." "name"
has "$out" "5 packets transmitted, 5 packets received" "default count"

# nobody there: told, and exit code 1
out=$(lab_ctl 2>&1 <<-EOC
	execute ping-options repeat-count 1
	execute ping-options timeout 1
	execute ping $LAB_DEAD4
	EOC
) && fail "silence is success: $out"
has "$out" "1 packets transmitted, 0 packets received, 100% packet loss" "lost"
out=$(lab_ctl execute ping no.such.name.invalid 2>&1) && fail "no such name"
has "$out" "Unable to resolve hostname" "no such name"
out=$(lab_ctl execute ping-options repeat-count 0 2>&1) && fail "count 0"
has "$out" "from 1 to" "count 0"

# a console that leaves in the middle takes its ping with it
(printf 'execute ping-options repeat-count 1000\nexecute ping %s\n' \
    "$LAB_ORIGIN4"; sleep 2) | timeout 2 "$LAB_BIN/wadctl" -r "$LAB/run" >/dev/null
lab_ctl get system status >/dev/null || fail "the console is gone"

out=$(lab_ctl diagnose hardware sysinfo memory) || fail "memory"
total=$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)
has "$out" "MemTotal: *$total kB" "memory"
out=$(lab_ctl get system performance status) || fail "status"
has "$out" "CPU states: [0-9]*% user [0-9]*% system" "processors"
has "$out" "Memory: ${total}k total" "memory of status"
has "$out" "Average sessions: [0-9]* sessions in 1 minute" "sessions"
has "$out" "Uptime: " "uptime"
for c in "get system performance top" "diagnose sys top" \
    "diagnose system top" "diagnose sys top 5 99"; do
	# shellcheck disable=SC2086
	out=$(lab_ctl $c) || fail "$c"
	has "$out" "wad-worker +[0-9]+ +[RSD]" "$c: a worker"
	has "$out" "openwad +[0-9]+ +[RSD]" "$c: the parent"
done
# a worker that works is seen at the top
lab_in c curl -sS --max-time 60 --cacert "$LAB/pki/$LAB_CA.crt" -o /dev/null \
    --limit-rate 100M "https://github.com/file/big?[1-40]" &
load=$!
# shellcheck disable=SC2317	# lab_wait calls it
loaded()
{
	lab_ctl get system session list | grep -q ":443 "
}
lab_wait 5 loaded || fail "the download does not begin"
out=$(lab_ctl get system performance top 1 1)
kill "$load" 2>/dev/null
wait "$load" 2>/dev/null
cpu=$(awk '$1 == "wad-worker" { print $4 }' <<<"$out")
awk -v c="${cpu:-0}" 'BEGIN { exit !(c > 1 && c < 110) }' ||
    fail "the worker's processor time: '$cpu' in: $out"
exit 0
