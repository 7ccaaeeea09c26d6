#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every action= of the traffic log by its real trigger, with its logid, level
# and threat score; which sessions logtraffic lets into the log.
# shellcheck disable=SC2034
LAB_WORKERS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 nft
policy()	# ID ACTION SERVICE SETTINGS
{
	cat <<-E
	edit $1
	    set srcintf "lan"
	    set dstintf "wan"
	    set action $2
	    set srcaddr "all"
	    set dstaddr "all"
	    set srcaddr6 "all"
	    set dstaddr6 "all"
	    set schedule "always"
	    set service "$3"
	    $4
	next
	E
}
inspected='set utm-status enable
set ssl-ssh-profile "custom-deep-inspection"
set webfilter-profile "web-filter-test"'
LAB_EXTRA="
config firewall ssl-ssh-profile
    edit \"custom-deep-inspection\"
        config https
            set ports 443 7000 7001 7002 7003 7004 7005
        end
    next
end
config firewall service custom
    edit \"open\"
        set tcp-portrange 443 7000 7002
    next
    edit \"quiet\"
        set tcp-portrange 7003
    next
    edit \"some\"
        set tcp-portrange 7004
    next
    edit \"denied\"
        set tcp-portrange 7001
    next
end
config firewall policy
    edit 11
        set service \"open\"
        set logtraffic-start enable
    next
$(policy 12 deny denied 'set logtraffic all')
$(policy 13 accept quiet "$inspected
set logtraffic disable")
$(policy 14 accept some "$inspected
set logtraffic utm")
end
config log setting
    set fwpolicy-implicit-log enable
end
config openwad settings
    set idle-timeout 3
    set connect-timeout 2
end"
net_lab
lab_openwad_start || fail "openwad did not start"
log=$LAB/run/log/openwad.log
lab_spawn o serve python3 "$here/ends.py" serve 7000 "$LAB/served"
lab_in g sysctl -qw net.ipv4.tcp_retries2=3
origin_on 7000
port=2000

# expect ID LEVEL ACTION REASON POLICY: of the session from $port, one record.
# shellcheck disable=SC2317
logged()
{
	grep "type=\"traffic\" .* srcport=$port " "$log" |
	    grep -v 'action="start"' >"$LAB/record"
	[ -s "$LAB/record" ]
}
expect()
{
	lab_wait 12 logged || fail "$3 ($4): no record"
	[ "$(wc -l <"$LAB/record")" -eq 1 ] || fail "$3 ($4): several records"
	has "$(cat "$LAB/record")" "logid=\"00000000$1\" type=\"traffic\" subtype=\"forward\" level=\"$2\" .* proto=6 action=\"$3\" policyid=$5 .* reason=\"$4\"" "$3 ($4)"
	shown=$(cat "$LAB/record")
	port=$((port + 1))
}
ends()	# KIND
{
	lab_in c python3 "$here/ends.py" run "$LAB/run.1" \
	    "$LAB/pki/$LAB_CA.crt" "$LAB_ORIGIN4" $port 1 "$1"
}
call()	# URL: only tries
{
	lab_in c curl -sk -o /dev/null --max-time 8 --local-port $port "$1"
}

# What closes.
ends clt-fin; expect 13 notice close client-closed 11
hasnt "$shown" 'craction=' "a good end"
has "$(grep "type=\"traffic\" .* srcport=$((port - 1)) " "$log" | head -n 1)" \
    'logid="0000000015" .* action="start" policyid=11 ' "logtraffic-start"
ends srv-fin; expect 13 notice close server-closed 11
ends clt-rst; expect 13 notice client-rst client-rst 11
ends srv-rst; expect 13 notice server-rst server-rst 11
has "$shown" ' crscore=5 craction=262144 crlevel="low" ' "server-rst"
ends idle; expect 13 notice timeout idle-timeout 11
ends blocked; expect 13 notice close blocked 11
has "$shown" ' utmaction="block" ' "a blocked page"

# What is denied, by a policy and by none.
call "https://$LAB_ORIGIN4:7001/"; expect 13 notice deny policy-deny 12
has "$shown" ' crscore=30 craction=131072 crlevel="high" ' "deny"
call "https://$LAB_ORIGIN4:7005/"; expect 13 notice deny policy-deny 0

# ip-conn: refused, silent, unreachable in each way that ICMP knows.
lab_in o nft -f - <<'N' || fail "nft"
table inet t {
	chain in {
		type filter hook input priority 0;
	}
}
N
rule()	# WORDS: what happens to what comes to 7002
{
	lab_in o nft flush chain inet t in
	# shellcheck disable=SC2086
	lab_in o nft add rule inet t in tcp dport "${where:-7002}" $1 ||
	    fail "nft: $1"
}
for row in "accept:refused" "drop:timeout" \
    "reject with icmpx type port-unreachable:refused" \
    "reject with icmpx type host-unreachable:unreachable" \
    "reject with icmpx type no-route:unreachable" \
    "reject with icmpx type admin-prohibited:unreachable"; do
	rule "${row%:*}"
	for to in "$LAB_ORIGIN4" "[$LAB_ORIGIN6]"; do
		call "https://$to:7002/"
		expect 11 warning ip-conn "server-${row#*:}" 11
		has "$shown" ' crscore=5 craction=262144 crlevel="low" ' "$row"
	done
done

# One that ICMP ends while it is open, and one that falls silent: when the
# retransmissions are over.
# shellcheck disable=SC2317	# lab_wait calls it
talks()		# the server gets what comes from $port, which NAT keeps
{
	lab_in o ss -Htni state established "sport = :7000 and dport = :$port" |
	    grep -q 'bytes_received:[1-9]'
}
for row in "reject with icmpx type host-unreachable:11 warning ip-conn server-unreachable" \
    "drop:13 notice timeout server-lost"; do
	lab_in o nft flush chain inet t in
	# Sends a byte a second: never idle.
	lab_spawn c talk python3 -c '
import socket, sys, time
s = socket.socket()
s.bind(("", int(sys.argv[2])))
s.connect((sys.argv[1], 7000))
s.sendall(b"1 talk 1000 1\n")
for i in range(30):
    s.sendall(b"x")
    time.sleep(0.4)' "$LAB_ORIGIN4" "$port"
	lab_wait 5 talks || fail "nobody talks to the server"
	where=7000 rule "${row%%:*}"
	# shellcheck disable=SC2086
	expect ${row#*:} 11
	lab_kill talk
done
lab_in o nft flush chain inet t in

# The record of every two minutes takes its time: L010_LONG=1.
if [ -n "${L010_LONG:-}" ]; then
	lab_spawn c talk python3 -c '
import socket, sys, time
s = socket.socket()
s.bind(("", int(sys.argv[2])))
s.connect((sys.argv[1], 7000))
s.sendall(b"1 talk 1000 1\n")
for i in range(130):
    s.sendall(b"x")
    time.sleep(1)' "$LAB_ORIGIN4" "$port"
	# shellcheck disable=SC2317
	interim()
	{
		grep " srcport=$port .*action=\"accept\"" "$log" >"$LAB/record"
	}
	lab_wait 140 interim || fail "no interim record"
	has "$(cat "$LAB/record")" \
	    'logid="0000000020" .* policyid=11 .* sentdelta=[1-9]' "interim"
	lab_wait 30 logged
	port=$((port + 1))
fi

# logtraffic disable; utm without and with something to tell.
quiet=$port
call "https://$LAB_ORIGIN4:7003/"
port=$((port + 1)); call "https://$LAB_ORIGIN4:7004/"
port=$((port + 1)); ends clt-fin; expect 13 notice close client-closed 11
for p in $quiet $((quiet + 1)); do
	! grep " srcport=$p " "$log" || fail "logtraffic: this is logged"
done
exit 0
