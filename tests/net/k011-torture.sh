#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything at once: sessions that end in all ways while roles are killed, one
# by one and together, policies turn round every second, consoles list, clear,
# delete and watch, metrics are asked for and the log's disk is full now and
# then.  Afterwards each session that ever had a number is in the traffic log
# once, no session is left in any list, and the parent holds no more
# descriptors than before.  K011_SECONDS: how long.
# shellcheck disable=SC2034
LAB_WORKERS=2 NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 mount
seconds=${K011_SECONDS:-15}
LAB_EXTRA='
config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set ports 443 7000 7001 7002
        end
    next
end
config firewall service custom
    edit "open"
        set tcp-portrange 443 7000 7002
    next
end
config firewall policy
    edit 11
        set service "open"
    next
    edit 12
        set srcintf "lan"
        set dstintf "wan"
        set action deny
        set srcaddr "all"
        set dstaddr "all"
        set schedule "always"
        set service "ALL"
        set logtraffic all
    next
end
config openwad metrics
    set status enable
end
config log disk setting
    set diskfull nolog
end
config openwad settings
    set idle-timeout 4
end'
net_lab
mkdir -p "$LAB/run/log"
mount -t tmpfs -o size=64m none "$LAB/run/log" || skip "no tmpfs"
# shellcheck disable=SC2154
trap 'rv=$?; touch "$LAB/stop"; lab_kill openwad; wait
umount "$LAB/run/log"; (exit $rv); net_end' EXIT
lab_openwad_start || fail "openwad did not start"
lab_spawn o serve python3 "$here/ends.py" serve 7000 "$LAB/served"
lab_in c sysctl -qw net.ipv4.ip_local_port_range="1024 1999"
lab_in g sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1 \
    2>/dev/null
origin_on 7000

policy()	# accept | deny
{
	printf '%s\n' "config firewall policy" "edit 11" "set action $1" \
	    next end | lab_ctl >/dev/null 2>&1
}

# each NAME COMMAND...: over and over, until the end, in the background
each()
{
	local name=$1

	shift
	while [ ! -e "$LAB/stop" ]; do
		"$@" >"$LAB/$name.last" 2>&1
	done &
}

# shellcheck disable=SC2317
{
clients()	# FIRST KIND...: ten of each at a time, until the end
{
	local first=$1 last=$(($1 + 15000))

	shift
	while [ ! -e "$LAB/stop" ] && [ "$first" -lt "$last" ]; do
		lab_in c timeout 15 python3 "$here/ends.py" run "$LAB/run" \
		    "$LAB/pki/$LAB_CA.crt" "$LAB_ORIGIN4" "$first" 10 "$@"
		first=$((first + 10 * $#))
	done >/dev/null 2>&1
}
policies()
{
	policy deny; sleep 1
	policy accept; sleep 1
}
ask()
{
	printf '%s\n' "diagnose sys session list" "diagnose sys session stat" \
	    "diagnose sys session6 list" "diagnose wad session list" \
	    "get system session list" "diagnose sys session filter sport 2000 9000" \
	    "diagnose sys session clear" "diagnose wad session delete 7" \
	    "diagnose sys session full-stat" "execute log filter category 0" \
	    "execute log display" "diagnose wad stats" | lab_ctl
	sleep 0.1
}
watch()
{
	{
		printf '%s\n' "diagnose wad debug enable all" \
		    "diagnose wad debug enable level verbose" \
		    "diagnose debug enable"
		sleep 0.7
	} | lab_ctl
}
scrape()
{
	lab_in g curl -s --max-time 3 -o "$LAB/page" \
	    http://127.0.0.1:9142/metrics
	sleep 0.05
}
full()
{
	sleep 3
	dd if=/dev/zero of="$LAB/run/log/fill" bs=1M
	sleep 1
	rm -f "$LAB/run/log/fill"
}
}

parent()
{
	local pid

	pid=$(cat "$LAB/openwad.pid")
	echo "$(find "/proc/$pid/fd" -type l | wc -l)" \
	    "$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")"
}

# Kills until END, in turn and together; how many died goes to $killed.
killed=0
strike()	# END
{
	local n=0 pids

	while [ $SECONDS -lt "$1" ]; do
		case $((n++ % 6)) in
		0) pids=$(role_pids worker | head -n 1) ;;
		1) pids=$(role_pids control) ;;
		2) pids="$(role_pids worker | head -n 1) $(role_pids control)" ;;
		3) pids=$(role_pids keys) ;;
		4) pids="$(role_pids export) $(role_pids lookup)" ;;
		5) pids="$(role_pids worker) $(role_pids control)
			$(role_pids keys) $(role_pids export)" ;;
		esac
		# shellcheck disable=SC2086
		kill -9 $pids 2>/dev/null && killed=$((killed + 1))
		sleep 1.$((RANDOM % 9))1
	done
}

read -r fd kb <<<"$(parent)"
clients 2000 clt-fin srv-fin clt-rst srv-rst deny refused blocked exempt &
load=$!
clients 20000 clt-fin srv-rst exempt & load="$load $!"
clients 40000 idle srv-fin & load="$load $!"
each policies policies
each ask ask
each ask2 ask
each watch watch
each scrape scrape
each full full
sleep 3
strike $((SECONDS + seconds))
touch "$LAB/stop"
# shellcheck disable=SC2086
wait $load
sleep 2
rm -f "$LAB/run/log/fill"
policy accept

# shellcheck disable=SC2317
quiet()
{
	[ "$(role_pids worker | wc -l)" -eq 2 ] || return 1
	lab_ctl diagnose sys session stat >"$LAB/stat" || return 1
	grep -q 'session_count=0 ' "$LAB/stat" || return 1
	scrape
	# two workers, none has any
	[ "$(grep -c '^openwad_sessions_active{.*} 0$' "$LAB/page")" -eq 2 ]
}
lab_wait 25 quiet || fail "sessions are left: $(cat "$LAB/stat"
    grep '^openwad_sessions_active{' "$LAB/page"; lab_ctl diagnose sys session list)"
# shellcheck disable=SC2317
complete()
{
	cat "$LAB"/run/log/openwad.log* >"$LAB/log"
	python3 "$here/serials.py" 2 "$LAB/log" >"$LAB/serials"
}
lab_wait 5 complete || fail "the log is not complete: $(cat "$LAB/serials")"
cat "$LAB/serials"
grep -E 'AddressSanitizer|runtime error:|LeakSanitizer' "$LAB/openwad.out" &&
    fail "a sanitizer has something to say"
grep 'killed by signal' "$LAB/openwad.out" | grep -v 'signal 9 ' &&
    fail "a process crashed"
read -r fd2 kb2 <<<"$(parent)"
echo "$killed strikes; parent: descriptors $fd -> $fd2, memory $kb -> $kb2 kB"
# what a dead worker left may still wait for its turn
[ "$fd2" -le $((fd + 4)) ] || fail "descriptors grew from $fd to $fd2"
exit 0
