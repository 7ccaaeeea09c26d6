#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What many open sessions cost: -n of them (SESSIONS), idle, through -w workers
# (default: as many as the limit of descriptors asks for, two a session), while
# a byte goes through sixteen sessions and back every 2 ms and a console asks
# for something short all the time.
#
#	sessions.sh [-n SESSIONS] [-w WORKERS] [-k] [BUILDDIR]
#
# Needs root, nginx, util-linux; build bench_hold first (make -C tests
# bench/bench_hold).  A line for each step:
#	time of the command, its output; CPU time of all workers and of
#	wad-control; time there and back (us) of the bytes; the longest that
#	the other console waited; loop_delay of the workers: how many of the
#	samples were later than 1, 5 and 10 ms
# Then: records of ended sessions in the log, each exactly once; memory.
# openwad and the client that measures run with chrt -r, so that nobody else's
# work delays them; the network's work in the kernel still does, and more workers
# than cores delay each other: compare with the line `idle`.  -k: the lab is kept until a key is pressed.
set -u
count=20000 workers="" keep=0
while getopts n:w:k o; do
	case $o in
	n) count=$OPTARG ;;
	w) workers=$OPTARG ;;
	k) keep=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$top/build}
hold=$build/tests/bench/bench_hold
# shellcheck source=contrib/lab.sh disable=SC1091
. "$top/contrib/lab.sh"
dir=$(mktemp -d /tmp/openwad-sessions.XXXXXX)
trap 'lab_down many "$dir"' EXIT
trap 'exit 1' INT TERM
files=$(ulimit -Hn)
[ "$files" != unlimited ] && [ "$files" -lt 1000000 ] || files=1000000
ulimit -n "$files"
# a worker needs two a session and takes no exact share of them
workers=${workers:-$((count * 2 * 11 / 10 / (files - 200) + 1))}
procs=$((count * 12 / 10 / (files - 200) + 1))
echo "$count sessions, $workers workers, $files descriptors each"

export LAB_WORKERS=$workers LAB_START=60
export LAB_EXTRA="config openwad settings
    set sessions-max 200000
    set sessions-per-client 1000000
    set idle-timeout 86400
end
config openwad metrics
    set status enable
end
config log disk setting
    set max-log-file-size 100
    set log-quota 2000
end
config firewall address
    edit \"many\"
        set type iprange
        set start-ip 10.20.10.64
        set end-ip 10.20.10.126
    next
    edit \"ping\"
        set subnet 10.20.10.127 255.255.255.255
    next
end
config firewall policy
    edit 6
        set name \"ping\"
        set srcintf \"lan\"
        set dstintf \"wan\"
        set action accept
        set srcaddr \"ping\"
        set dstaddr \"all\"
        set schedule \"always\"
        set service \"ALL\"
        set ssl-ssh-profile \"no-inspection\"
        set nat enable
    next
    edit 5
        set name \"many\"
        set srcintf \"lan\"
        set dstintf \"wan\"
        set action accept
        set srcaddr \"many\"
        set dstaddr \"all\"
        set schedule \"always\"
        set service \"ALL\"
        set ssl-ssh-profile \"no-inspection\"
        set logtraffic all
        set nat enable
    next
end"

page()	# FILE
{
	lab_in g curl -s -o "$1" http://127.0.0.1:9142/metrics
}

# Samples of loop_delay between two pages: later than 1, 5, 10 ms, and all.
delays()	# OLD NEW
{
	local le n=() f

	for le in 0.001 0.005 0.01 +Inf; do
		for f in "$1" "$2"; do
			n+=("$(grep "^openwad_loop_delay_seconds_bucket" "$f" |
			    grep 'role="worker"' | grep "le=\"$le\"" |
			    awk '{ n += $NF } END { print n + 0 }')")
		done
	done
	echo "$((n[7] - n[6] - n[1] + n[0]))/$((n[7] - n[6] - n[3] +
	    n[2]))/$((n[7] - n[6] - n[5] + n[4])) of $((n[7] - n[6]))"
}

# User and system time in milliseconds of all processes of a name.
cpu()	# NAME
{
	local p

	for p in $(pgrep -P "$(cat "$LAB/openwad.pid")" "$1"); do
		sed 's/.*) //' "/proc/$p/stat" | cut -d' ' -f12,13
	done | awk -v hz="$(getconf CLK_TCK)" '{ n += $1 + $2 }
	    END { print int(n * 1000 / hz) }'
}

# Another console, until it is ended; the longest answer, in ms.
console()
{
	local a b max=0

	trap 'echo $max; exit 0' TERM
	while :; do
		a=$(date +%s%N)
		lab_ctl diagnose wad debug show >/dev/null
		b=$((($(date +%s%N) - a) / 1000000))
		[ $b -le $max ] || max=$b
		sleep 0.05
	done
}

tell()	# WORD: what bench_hold counted
{
	kill -USR1 "$(cat "$LAB/$1.pid")"
	sleep 0.2
	tail -n 1 "$LAB/$1.out"
}

step()	# LABEL COMMAND...: one line
{
	local label=$1 a b w c pid size

	shift
	page "$dir/page.old"
	tell ping >/dev/null
	w=$(cpu wad-worker) c=$(cpu wad-control)
	console >"$dir/console" &
	pid=$!
	a=$(date +%s%N)
	"$@" >"$dir/answer" 2>&1
	b=$(date +%s%N)
	sleep 0.3
	w=$(($(cpu wad-worker) - w)) c=$(($(cpu wad-control) - c))
	kill $pid
	wait $pid 2>/dev/null
	page "$dir/page"
	size=$(stat -c %s "$dir/answer")
	printf '%-22s %6d ms %9d bytes  cpu %5d + %5d ms  %s  console %s ms  late %s\n' \
	    "$label" $(((b - a) / 1000000)) "$size" "$w" "$c" \
	    "$(tell ping | sed 's/.* pings/pings/')" "$(cat "$dir/console")" \
	    "$(delays "$dir/page.old" "$dir/page")"
}

# Proportional share of memory of the workers, MB, with their slots.
memory()
{
	local p

	for p in $(pgrep -P "$(cat "$LAB/openwad.pid")" wad-worker); do
		cat "/proc/$p/smaps_rollup"
	done | awk '/^Pss:/ { n += $2 } END { print int(n / 1024) }'
}

opened()
{
	grep -q ready "$LAB/hold.out" &&
	    [ "$(tell hold | sed 's/opened=\([0-9]*\) .*/\1/')" -ge "$count" ]
}

list()	# the answer is not kept in the page cache of the bench
{
	lab_ctl "$@" >"$dir/list"
	tail -n 1 "$dir/list" | cut -c1-60
	stat -c '%s bytes' "$dir/list"
}

# Whose delays are measured waits for nobody else on the machine: what is late
# then is late by its own fault.
preferred()
{
	local p

	for p in $(pgrep -P "$(cat "$LAB/openwad.pid")") \
	    "$(cat "$LAB/echo.pid")" "$(cat "$LAB/ping.pid")"; do
		chrt -r -p 10 "$p" || return
	done
}

clear_many()
{
	lab_ctl <<-E
	diagnose sys session filter policy 5
	diagnose sys session clear
	E
}

clear_filtered()
{
	lab_ctl <<-E
	diagnose sys session filter src 10.20.10.64 10.20.10.94
	diagnose sys session clear
	E
}

list_filtered()
{
	lab_ctl <<-E >"$dir/list"
	diagnose sys session filter src 10.20.10.64
	diagnose sys session list
	E
	tail -n 1 "$dir/list"
}

policy()	# WORDS: a change of policy 5, then time for every session
{
	printf '%s\n' "config firewall policy" "edit 5" "$@" next end | lab_ctl
	sleep 5
}

records()	# REASON: how many, of how many sessions
{
	cat "$LAB"/run/log/openwad.log* | grep "reason=\"$1\"" |
	    grep -o ' sessionid=[0-9]*' >"$dir/ids"
	echo "$1: $(wc -l <"$dir/ids") records of $(sort -u "$dir/ids" |
	    wc -l) sessions"
}

lab_up many "$dir" "$build/src" || exit 1
for i in {64..127}; do
	lab_in c ip addr add "10.20.10.$i/24" dev eth0
done
for i in {101..116}; do
	lab_in o ip addr add "10.9.11.$i/24" dev eth0
done
for i in c g o; do
	lab_in $i sysctl -qw net.ipv4.ip_local_port_range="1024 65535"
done
lab_in c sysctl -qw net.ipv4.neigh.default.gc_thresh3=8192 2>/dev/null
lab_kill nginx		# port 443 is ours
lab_spawn o serve "$hold" serve 0.0.0.0 443 $procs
lab_spawn o echo "$hold" serve 10.9.11.116 443 1
lab_openwad_start || exit 1
printf '%s\n' "config firewall policy" "move 5 before 11" "move 6 before 5" end | lab_ctl
sleep 1
before=$(memory)
[ $keep -eq 0 ] || trap 'read -rp "lab in $dir: " _; lab_down many "$dir"' EXIT
lab_spawn c ping "$hold" open -n 16 -i 2000 10.20.10.127 10.9.11.116 443
sleep 3
preferred
step "no session, idle" sleep 5
step "a policy changed" policy "set name many-one"
SECONDS=0
rm -f "$LAB/hold.out"
lab_spawn c hold "$hold" open -n "$count" -p $procs 10.20.10.64+63 \
    10.9.11.101+15 443
lab_wait 300 opened
echo "opened in $SECONDS s: $(tell hold)"
echo "memory of the workers: $before MB without, $(memory) MB with them"
step "idle" sleep 10
step "stat" lab_ctl diagnose sys session stat
grep session_count "$dir/answer"
for i in 1 2 3; do
	step "list" list diagnose sys session list
done
cat "$dir/answer"
step "list, filtered" list_filtered
cat "$dir/answer"
step "get system session list" list get system session list
cat "$dir/answer"
step "diagnose wad session" list diagnose wad session list
cat "$dir/answer"
step "a policy changed" policy "set name many-too"
echo "under the changed policy: $(lab_ctl diagnose sys session list |
    grep -c 'policy_id=5 ')"
step "delete one" lab_ctl diagnose sys session delete 0xffffffff
step "clear, half" clear_filtered
cat "$dir/answer"
step "and 5 s after it" sleep 5
tell hold
records cleared
step "denied by a policy" policy "set action deny"
step "and 10 s after it" sleep 10
tell hold
records policy-changed
policy "set action accept" "set ssl-ssh-profile no-inspection" >/dev/null
lab_kill hold
rm -f "$LAB/hold.out"
lab_spawn c hold "$hold" open -n "$count" -p $procs 10.20.10.64+63 \
    10.9.11.101+15 443
lab_wait 300 opened
rm -f "$LAB"/run/log/openwad.log-*
step "clear, all" clear_many
cat "$dir/answer"
sleep 5
tell hold
records cleared
page "$dir/page"
grep '^openwad_log_lost_total' "$dir/page" | grep -v ' 0$'
