#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Metrics: known connections of each outcome, and the counters that they must
# make, exactly; the page as promtool and a real Prometheus read it; every
# metric of the dashboard is on it; who may ask; bad clients; wad-export and a
# worker that are killed.
# shellcheck disable=SC2034,SC2317
NET_KILLS=1
LAB_WORKERS=1
LAB_EXTRA="config openwad metrics
set status enable
end
config log syslogd setting
set status enable
set server 10.9.11.100
end
config firewall address
edit clients
set subnet 10.20.10.2 255.255.255.255
next
end
config firewall policy
edit 11
set srcaddr clients
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_lab
lab_spawn o sink python3 -u -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 514))
while s.recv(65536):
    print("record")'
lab_wait 5 lab_in o sh -c 'ss -Hlun "sport = :514" | grep -q .' ||
    fail "no log server"
lab_openwad_start || fail "openwad did not start"
url=http://127.0.0.1:9142/metrics

page()	# [curl options]: the page as it is
{
	lab_in g curl -sS --max-time 10 "$@" "$url"
}

# The sum of all samples of a metric that hold all of these labels.
value()	# METRIC LABEL="VALUE"...
{
	page >"$LAB/page" || fail "no page"
	python3 "$here/metrics.py" sum "$LAB/page" "$@"
}

reads()	# WANTED METRIC LABEL...
{
	local want=$1

	shift
	[ "$(value "$@")" = "$want" ]
}

is()	# WANTED METRIC LABEL...: soon, and then still
{
	lab_wait 5 reads "$@" || fail "${*:2} is $(value "${@:2}"), not $1"
}

# ---- the page itself ------------------------------------------------------

page -D "$LAB/head" >"$LAB/page" || fail "no page"
has "$(tr -d '\r' <"$LAB/head")" \
    '^Content-Type: text/plain; version=0.0.4' "head"
python3 "$here/metrics.py" check "$LAB/page" || fail "the page is malformed"
if command -v promtool >/dev/null; then
	promtool check metrics <"$LAB/page" >"$LAB/promtool.out" 2>&1 ||
	    fail "promtool: $(cat "$LAB/promtool.out")"
	[ ! -s "$LAB/promtool.out" ] ||
	    fail "promtool: $(cat "$LAB/promtool.out")"
else
	echo "promtool is missing; the page was read by metrics.py only"
fi
has "$(cat "$LAB/page")" \
    '^openwad_build_info\{version="[0-9.a-z-]+",openssl="3\.[^"]*",libevent="[^"]+"\} 1$' \
    "build info"
is 1 openwad_role_up 'role="worker"' 'worker="0"'
is 6 openwad_role_up	# manager, keys, worker, control, lookup, export
is 6 openwad_role_starts_total

# ---- known connections ----------------------------------------------------

is 0 openwad_sessions_total
lab_in c ip address add 10.20.10.3/24 dev eth0
lab_in o ip address add 10.9.11.101/24 dev eth0
lab_in o nft -f - <<-N || fail "nft"
table inet closed {
	chain input {
		type filter hook input priority 0
		ip daddr 10.9.11.101 reject with tcp reset
	}
}
N

# inspected: three, one after the other
for _ in 1 2 3; do
	lab_curl -o /dev/null https://github.com/ || fail "curl"
done
is 3 openwad_sessions_outcome_total 'outcome="inspected"'
is 3 openwad_handshake_duration_seconds_count 'leg="client"'
is 3 openwad_handshake_duration_seconds_count 'leg="server"'
is 3 openwad_server_connect_duration_seconds_count
is 3 openwad_verdicts_total 'reason="good"'
is 1 openwad_certificates_presented_total 'source="keys"'
is 2 openwad_certificates_presented_total 'source="cache"'
is 1 openwad_keys_answers_total 'result="forged"'
is 1 openwad_forge_duration_seconds_count
is 2 openwad_handshakes_resumed_total 'leg="server"'
is 1 openwad_cache_entries 'cache="certificate"'
is 3 openwad_category_sessions_total 'category="52"' 'action="monitor"' \
    'name="Information Technology"'
page >"$LAB/page.old"

# blocked by the web filter: a page instead
for _ in 1 2; do
	lab_curl https://bet.example/ >"$LAB/out" || fail "no page: $?"
done
is 2 openwad_sessions_outcome_total 'outcome="blocked"'
is 2 openwad_category_sessions_total 'category="11"' 'action="block"'
is 2 openwad_sessions_ended_total 'reason="blocked"'

# exempt by category, so passed through
lab_curl --cacert "$LAB/pki/root.crt" -o /dev/null https://bank.example/ ||
    fail "exempt"
is 1 openwad_sessions_exempt_total
is 1 openwad_sessions_outcome_total 'outcome="bypassed"'

# denied by policy
lab_curl --interface 10.20.10.3 -o /dev/null https://github.com/ \
    2>/dev/null && fail "not denied"
is 1 openwad_sessions_outcome_total 'outcome="denied"'
is 1 openwad_sessions_ended_total 'reason="policy-deny"' 'action="deny"'

# nobody listens there
lab_in c curl -sk --max-time 10 https://10.9.11.101/ 2>/dev/null &&
    fail "somebody listens"
is 1 openwad_server_connects_failed_total
is 1 openwad_sessions_ended_total 'reason="server-refused"' 'action="ip-conn"'

# an expired certificate, twice: judged once, remembered once
for _ in 1 2; do
	lab_curl -k -o /dev/null https://expired.example/
done
is 2 openwad_verdicts_total 'reason="cert-expired"'
is 2 openwad_certificates_bad_total

# a client that does not trust our CA
lab_curl --cacert "$LAB/pki/root.crt" https://github.com/ 2>/dev/null &&
    fail "it trusts us"
is 1 openwad_sessions_rejected_total
is 1 openwad_handshakes_failed_total 'leg="client"'

# no ClientHello at all
printf '\026\003\001\000\004\002\000\000\000' |
    lab_in c timeout 5 python3 -c 'import socket, sys
s = socket.create_connection((sys.argv[1], 443))
s.sendall(sys.stdin.buffer.read())
while s.recv(100): pass' "$LAB_ORIGIN4"
is 1 openwad_sessions_ended_total 'reason="hello-bad"'

# bytes of a large answer: as the client counts them at its socket
up=$(value openwad_traffic_bytes_total 'direction="up"')
down=$(value openwad_traffic_bytes_total 'direction="down"')
read -r sent got < <(lab_in c python3 "$here/bytecount.py" "$LAB_ORIGIN4" \
    github.com "$LAB/pki/$LAB_CA.crt" /file/big) || fail "no bytes"
[ "$got" -gt 20000000 ] || fail "only $got bytes"
is $((up + sent)) openwad_traffic_bytes_total 'direction="up"'
is $((down + got)) openwad_traffic_bytes_total 'direction="down"'

# one of them at a time: all in all
is 0 openwad_sessions_active
all=$(value openwad_sessions_total)
is "$all" openwad_sessions_ended_total
[ "$all" -eq 13 ] || fail "$all sessions"
lab_spawn c held openssl s_client -connect "$LAB_ORIGIN4:443" \
    -servername github.com -quiet
is 1 openwad_sessions_active
lab_kill held
is 0 openwad_sessions_active

# what the log server got
received()
{
	local n

	n=$(value openwad_syslog_records_total 'server="1"' 'result="sent"')
	[ "$n" -ge 14 ] && [ "$(wc -l <"$LAB/sink.out")" -eq "$n" ]
}
lab_wait 10 received || fail "the log server got $(wc -l <"$LAB/sink.out")"
is 0 openwad_syslog_records_total 'result="lost"'
is 1 openwad_syslog_up 'server="1"'
is 0 openwad_log_lost_total

# ---- the console shows the same -------------------------------------------

stats=$(ctl diagnose wad stats)
has "$stats" '^sessions = 14 \(0: 14\)$' "stats: sessions"
has "$stats" '^active = 0 \(0: 0\)$' "stats: active"
has "$stats" '^exempt = 1 \(0: 1\)$' "stats: exempt"
has "$stats" '^keys_forged = [0-9]+ \(0: 0, keys: [0-9]+\)$|^keys_forged = [0-9]+ \(keys: [0-9]+, 0: 0\)$' \
    "stats: another role"

page >"$LAB/page"
python3 "$here/metrics.py" rises "$LAB/page.old" "$LAB/page" ||
    fail "a counter fell"
python3 "$here/metrics.py" dashboard "$LAB/page" \
    "$top_srcdir/contrib/grafana/openwad.json" || fail "the dashboard"

# ---- a real Prometheus ----------------------------------------------------

if command -v prometheus >/dev/null; then
	cat >"$LAB/prometheus.yml" <<-Y
	global:
	  scrape_interval: 1s
	scrape_configs:
	  - job_name: openwad
	    static_configs:
	      - targets: ["127.0.0.1:9142"]
	Y
	lab_spawn g prometheus prometheus \
	    --config.file="$LAB/prometheus.yml" \
	    --storage.tsdb.path="$LAB/tsdb" --web.listen-address=127.0.0.1:9090
	asked()
	{
		lab_in g curl -sS --max-time 5 -G \
		    http://127.0.0.1:9090/api/v1/query \
		    --data-urlencode "query=$1" | grep -q "$2"
	}
	lab_wait 30 asked 'up{job="openwad"}' '"1"\]' ||
	    fail "Prometheus cannot read us: $(tail -n 5 "$LAB/prometheus.out")"
	lab_wait 10 asked 'sum(openwad_sessions_total)' '"14"\]' ||
	    fail "Prometheus reads another number of sessions"
	python3 "$here/metrics.py" queries "$LAB/page" \
	    "$top_srcdir/contrib/grafana/openwad.json" >"$LAB/queries" ||
	    fail "the queries of the dashboard"
	while read -r q; do
		asked "$q" '"status":"success"' || fail "Prometheus refuses: $q"
	done <"$LAB/queries"
	lab_kill prometheus
else
	echo "prometheus is missing; the page was not scraped by it"
fi

# ---- who may ask, and how -------------------------------------------------

code()	# [curl options] URL: status
{
	lab_in g curl -s --max-time 10 -o /dev/null -w '%{http_code}' "$@"
}

[ "$(code http://127.0.0.1:9142/)" = 404 ] || fail "404"
[ "$(code -X DELETE "$url")" = 405 ] || fail "405"
[ "$(code -H 'Host: a b' "$url")" = 400 ] || fail "400"
[ "$(code -I "$url")" = 200 ] || fail "HEAD"
python3 - "$here" >"$LAB/flood.py" <<'P'
print("""
import os, socket, sys
hold = []
for i in range(200):
    s = socket.create_connection(("127.0.0.1", 9142), timeout=5)
    s.sendall(os.urandom(3000) if i % 2 else b"GET /metrics HTTP/1.1\\r\\n")
    hold.append(s)
b = socket.create_connection(("127.0.0.1", 9142), timeout=5)
b.sendall(b"GET /metrics HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
assert b.recv(12) == b"HTTP/1.1 200", "kept out"
""")
P
lab_in g timeout 60 python3 "$LAB/flood.py" || fail "kept out by bad clients"
page >"$LAB/page" || fail "no page after bad clients"

not_there()
{
	! page
}

conf()	# LINE...
{
	printf '%s\n' "config openwad metrics" "$@" end | lab_ctl \
	    >"$LAB/ctl.out" 2>&1
}

conf "set port 9143" || fail "another port: $(cat "$LAB/ctl.out")"
lab_wait 5 lab_in g curl -s -o /dev/null http://127.0.0.1:9143/metrics ||
    fail "not on the other port"
page >/dev/null 2>&1 && fail "still on the old one"
lab_spawn g squatter python3 -m http.server 9144 --bind 127.0.0.1
lab_wait 5 lab_in g curl -s -o /dev/null http://127.0.0.1:9144/
conf "set port 9144" && fail "a port that is taken"
has "$(cat "$LAB/ctl.out")" "cannot listen on 127.0.0.1:9144.*another program" \
    "a port that is taken"
[ "$(code http://127.0.0.1:9143/metrics)" = 200 ] || fail "the old one went"
conf "set port 9142" "set listen-ip 0.0.0.0" "set source 10.20.10.3/32" ||
    fail "source: $(cat "$LAB/ctl.out")"
lab_wait 5 lab_in c curl -s --interface 10.20.10.3 -o /dev/null \
    "http://$LAB_LAN4:9142/metrics" || fail "a source that may ask"
lab_in c curl -s --max-time 5 --interface "$LAB_CLIENT4" -o /dev/null \
    "http://$LAB_LAN4:9142/metrics" && fail "a source that may not"
conf "unset source" || fail "no source: $(cat "$LAB/ctl.out")"
lab_wait 5 page >/dev/null

# ---- kills ----------------------------------------------------------------

kill -9 "$(role_pids export)"
lab_wait 10 page >/dev/null || fail "no page after wad-export was killed"
is 2 openwad_role_starts_total 'role="export"'
is 14 openwad_sessions_total
page >"$LAB/page.old"
kill -9 "$(role_pids worker)"
is 2 openwad_role_starts_total 'role="worker"'
is 1 openwad_role_up 'role="worker"'
lab_curl -o /dev/null https://github.com/ || fail "curl after the kill"
is 15 openwad_sessions_total
page >"$LAB/page"
python3 "$here/metrics.py" rises "$LAB/page.old" "$LAB/page" ||
    fail "a counter fell when a worker was started again"
conf "set status disable" || fail "disable: $(cat "$LAB/ctl.out")"
lab_wait 5 not_there || fail "still there"
exit 0
