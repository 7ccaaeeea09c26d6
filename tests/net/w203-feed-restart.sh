#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Threat feeds over restarts: another copy under traffic loses no request; a
# server that is gone, a wad-lookup and a worker that are killed, a copy on
# disk that is damaged.
# shellcheck disable=SC2034
LAB_EXTRA='config system external-resource
edit "x"
set category 192
set resource "http://203.0.113.10:8081/x"
next
end
config webfilter profile
edit "web-filter-test"
config ftgd-wf
config filters
edit 60
set category 192
set action block
next
end
end
next
end'
NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
LAB_EXTRA=${LAB_EXTRA//203.0.113.10/$LAB_ORIGIN4}
net_lab

f=$LAB/feed
mkdir -p "$f"
{ echo www.bet.example; seq -f 'n%.0f.example' 100000; } >"$f/x"
lab_spawn o feeds python3 "$here/feedserver.py" "$LAB_ORIGIN4" "$f"
lab_wait 20 grep -q ready "$LAB/feeds.out" || fail "no feed server"
lab_openwad_start || fail "openwad did not start"

# shellcheck disable=SC2317
fed()	# PATTERN
{
	lab_ctl diagnose sys external-resource stats x | grep -Eq -- "$1"
}

state()	# PATTERN WHAT
{
	lab_wait 30 fed "$1" ||
	    fail "$2: $(lab_ctl diagnose sys external-resource stats x)"
}

blocked()	# NAME WHAT
{
	[[ $(lab_curl -i "https://$1/") == *" 403"* ]] ||
	    fail "$2: $1 is not blocked"
}

state 'updates: 1' "the first copy"
blocked www.bet.example "first"

# ten copies while requests come: each is answered, each rightly
(
	n=0
	while [ -d "$LAB/www" ] && [ ! -e "$LAB/stop" ]; do
		out=$(lab_curl -o /dev/null -o /dev/null -w "%{http_code}" \
		    https://github.com/ https://www.bet.example/)
		n=$((n + 1))
		[ "$out" = 200403 ] || echo "bad: $out"
	done >"$LAB/traffic"
	echo "$n" >"$LAB/asked"
) &
traffic=$!
for i in 2 3 4 5 6 7 8 9 10 11; do
	echo "copy-$i.example" >>"$f/x"
	ctl diagnose sys external-resource refresh x >/dev/null
	state "updates: $i;" "copy $i"
done
# asked for once more while it is under way: fetched once more
# shellcheck disable=SC2317
idle() { lab_ctl diagnose sys external-resource list | grep -q state=idle; }
lab_wait 10 idle || fail "not written"
echo copy-12.example >>"$f/x"
ctl diagnose sys external-resource refresh x >/dev/null
ctl diagnose sys external-resource refresh x >/dev/null
state "updates: 12; unchanged: 1;" "refreshed twice"
touch "$LAB/stop"
wait "$traffic"
[ ! -s "$LAB/traffic" ] || fail "requests lost: $(head -3 "$LAB/traffic")"
[ "$(cat "$LAB/asked")" -ge 3 ] || fail "no traffic: $(cat "$LAB/asked")"
blocked copy-12.example "the newest copy"
lab_wait 10 idle || fail "not written"

# no server: what was kept is used, by a gateway and by a role that start
lab_kill feeds
lab_openwad_stop
lab_openwad_run || fail "openwad did not start again"
blocked copy-12.example "after a restart"
state 'buildable: 100012' "after a restart"
for role in lookup worker; do
	pids=$(role_pids "$role")
	for pid in $pids; do kill -9 "$pid"; done
	blocked copy-12.example "$role was killed"
	# shellcheck disable=SC2317
	again() { [ "$(role_pids "$role" | wc -l)" = "$(wc -w <<<"$pids")" ]; }
	lab_wait 10 again || fail "$role did not come back"
	blocked www.bet.example "$role is back"
done
state 'buildable: 100012' "wad-lookup is back"

# a copy with a byte that is another: the one before it is used
lab_openwad_stop
newest=$LAB/run/state/feeds/x.1
[ "$newest" -nt "${newest%1}0" ] || newest=${newest%1}0
printf '\xff\xff\xff\xff' | dd of="$newest" bs=1 seek=5000 conv=notrunc \
    2>/dev/null
lab_openwad_run || fail "openwad did not start with a damaged copy"
blocked www.bet.example "the copy before"
state 'buildable: 100011' "the copy before"
# both of them: nothing is believed, and that is told
lab_openwad_stop
for i in "$LAB"/run/state/feeds/*; do
	printf '\xff\xff\xff\xff' | dd of="$i" bs=1 seek=6000 conv=notrunc \
	    2>/dev/null
done
lab_openwad_run || fail "openwad did not start with two damaged copies"
record 0100090021 'name="x"' 'the copy that was kept is damaged'
[[ $(lab_curl -i https://www.bet.example/) != *"category 192"* ]] || fail "used"
exit 0
