#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sessions that end in ten ways, one of them kill -9 of their worker, under
# load: each is in the traffic log exactly once, with the bytes that client and
# server counted.  The second kill takes wad-control along.  K010_EACH: sessions
# of each kind.
# shellcheck disable=SC2034
LAB_WORKERS=2 NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
each=${K010_EACH:-1000} held=$((${K010_EACH:-1000} / 2))
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
config openwad settings
    set idle-timeout 8
end'
net_lab
lab_openwad_start || fail "openwad did not start"
log=$LAB/run/log/openwad.log

# The held sessions of the second kind end by the idle timeout.
lab_spawn o serve python3 "$here/ends.py" serve 7000 "$LAB/served"
lab_in c sysctl -qw net.ipv4.ip_local_port_range="1024 1999"
lab_in g sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_time_wait=1 \
    2>/dev/null
origin_on 7000

lab_in c python3 "$here/ends.py" run "$LAB/run.1" "$LAB/pki/$LAB_CA.crt" \
    "$LAB_ORIGIN4" 2000 "$each" clt-fin srv-fin clt-rst srv-rst idle deny \
    refused blocked exempt &
load=$!
killed=
for n in 2 3; do
	lab_spawn c "hold$n" python3 "$here/ends.py" hold "$LAB/run.$n" \
	    "$LAB_ORIGIN4" $((2000 + each * 9 + (n - 2) * held)) "$held"
	lab_wait 30 grep -q open "$LAB/hold$n.out" ||
	    fail "not open: $(cat "$LAB/hold$n.out")"
	pid=$(role_pids worker | head -n 1)
	killed="$killed $pid"
	# shellcheck disable=SC2046
	kill -9 "$pid" $([ $n -eq 2 ] || role_pids control)
	lab_wait 30 test -s "$LAB/run.$n" || fail "held sessions do not end"
done
wait $load || fail "the load"

# shellcheck disable=SC2317
all_logged()
{
	[ "$(grep -c 'type="traffic"' "$log")" -ge $((each * 9 + held * 2)) ]
}
lab_wait 20 all_logged
lab_kill serve
python3 "$here/ends.py" check "$log" "$LAB/served" "$LAB/run.1" \
    "$LAB/run.2" "$LAB/run.3" || fail "the log is not the truth"
for pid in $killed; do
	has "$(grep 'logdesc=' "$log")" \
	    "worker [0-9]+ \(pid $pid\) ended with [0-9]+ open sessions" \
	    "the event about the dead worker"
done
exit 0
