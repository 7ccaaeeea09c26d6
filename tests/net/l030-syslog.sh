#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Log servers: rsyslogd reads what openwad sends over UDP, TCP with octet
# counting, TCP with line ends and TLS, each server in another form; the server
# dies and comes back, never answers, has a wrong certificate; wad-export is
# killed.  What the log file has, each server has once.
# shellcheck disable=SC2034
NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need rsyslogd python3 jq
[ -e "$(dirname "$(find /usr/lib -name imtcp.so -path '*rsyslog*' 2>/dev/null |
    head -n 1)")/lmnsd_ossl.so" ] ||
    skip "rsyslogd has no TLS (Debian package rsyslog-openssl)"
LAB_SYSLOG=$(cat <<E
config log syslogd setting
set status enable
set server $LAB_ORIGIN4
set facility local4
end
config log syslogd2 setting
set status enable
set server $LAB_ORIGIN4
set mode reliable
set port 601
set format json
end
config log syslogd3 setting
set status enable
set server $LAB_ORIGIN4
set mode reliable
set port 6514
set enc-algorithm high
set format rfc5424
end
config log syslogd4 setting
set status enable
set server $LAB_ORIGIN4
set mode legacy-reliable
set port 602
set format csv
end
E
)
LAB_EXTRA=$LAB_SYSLOG
net_lab

# One file for each way in, raw; of RFC 5424 also what rsyslogd makes of it.
mkdir -p "$LAB/sys"
cat >"$LAB/rsyslog.conf" <<E
global(workDirectory="$LAB/sys" maxMessageSize="16k"
    DefaultNetstreamDriverCAFile="$LAB/pki/root.crt"
    DefaultNetstreamDriverCertFile="$LAB/pki/default.crt"
    DefaultNetstreamDriverKeyFile="$LAB/pki/default.key")
module(load="imudp")
module(load="imtcp")
template(name="raw" type="string" string="%rawmsg%\n")
template(name="seen" type="string" string="%syslogfacility-text%.%syslogseverity-text% %protocol-version% %timestamp:::date-rfc3339% %hostname% %app-name% %procid% %msgid% %structured-data% %msg%\n")
ruleset(name="udp") { action(type="omfile" file="$LAB/sys/default" template="raw") }
ruleset(name="tcp") { action(type="omfile" file="$LAB/sys/json" template="raw") }
ruleset(name="lines") { action(type="omfile" file="$LAB/sys/lines" template="raw") }
ruleset(name="tls") {
    action(type="omfile" file="$LAB/sys/rfc5424" template="raw")
    action(type="omfile" file="$LAB/sys/seen" template="seen")
}
input(type="imudp" port="514" address="$LAB_ORIGIN4" ruleset="udp"
    rcvbufSize="8m")
input(type="imtcp" port="601" address="$LAB_ORIGIN4" ruleset="tcp")
input(type="imtcp" port="602" address="$LAB_ORIGIN4" ruleset="lines")
input(type="imtcp" port="6514" address="$LAB_ORIGIN4" ruleset="tls"
    StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
E

server_start()
{
	lab_spawn o rsyslogd rsyslogd -n -f "$LAB/rsyslog.conf" \
	    -i "$LAB/rsyslog.pidfile"
	lab_wait 10 server_listens || fail "rsyslogd does not listen: $(cat \
	    "$LAB/rsyslogd.out")"
}

# shellcheck disable=SC2317
server_listens()
{
	local n

	n=$(lab_in o ss -Hlntu | grep -cE ":(514|601|602|6514) ")
	[ "$n" -ge 4 ]
}

# Traffic and other records that a log server shall get; returns when the log
# file has them.
made=0
make_records()	# N
{
	local i

	for ((i = 0; i < $1; i++)); do
		lab_curl -o /dev/null "https://github.com/$i" ||
		    fail "a connection failed"
	done
	made=$((made + $1))
	lab_wait 5 all_made || fail "not $made records of traffic"
}

# shellcheck disable=SC2317	# lab_wait calls it
all_made()
{
	[ "$(grep -c 'type="traffic"' "$LAB/run/log/openwad.log")" -eq "$made" ]
}

# FORM [FILE]: what the log file and a server have since that time, sorted.
since=0
# shellcheck disable=SC2317
readings()
{
	python3 "$here/logread.py" file "$LAB/run/log/openwad.log" |
	    awk '$1 > since' since="$since" | sort >"$LAB/want"
	python3 "$here/logread.py" "$1" "$LAB/sys/${2:-$1}" |
	    awk '$1 > since' since="$since" | sort >"$LAB/got"
}

# shellcheck disable=SC2317
same()
{
	readings "$@" && cmp -s "$LAB/want" "$LAB/got"
}

all_same()	# WHAT FORM [FILE]
{
	lab_wait 25 same "${@:2}" ||
	    fail "$1: $(diff "$LAB/want" "$LAB/got" | head -n 20)"
}

# shellcheck disable=SC2317
status_has()	# PATTERN
{
	ctl diagnose log syslog status | grep -Eq -- "$1"
}

server_start
lab_openwad_start || fail "openwad did not start"

# ---- each way, each form ----------------------------------------------------
make_records 10
for form in default json rfc5424; do
	all_same "every record once, $form" "$form"
done
all_same "every record once, csv" csv lines
jq 'select(.type == "traffic") | .srcip' \
    <(sed 's/^<[0-9]*>//' "$LAB/sys/json") >"$LAB/jq" || fail "jq"
grep -q "\"$LAB_CLIENT4\"" "$LAB/jq" || fail "jq does not see the client"
grep -q '^<165>date=' "$LAB/sys/default" || fail "facility local4, notice"
has "$(grep 'type="traffic"' "$LAB/sys/seen" | head -n 1)" \
    "^local7.notice 1 [-0-9]{10}T[:0-9]{8}(Z|[+]00:00) openwad-lab - - - - ?eventtime=" \
    "rsyslogd reads RFC 5424"
out=$(ctl diagnose log syslog status)
has "$out" "server: $LAB_ORIGIN4 port 6514 \(reliable, TLS\) at $LAB_ORIGIN4:6514" "status"
[ "$(grep -c "state: up" <<<"$out")" -eq 4 ] || fail "four are up: $out"
hasnt "$out" "lost: [1-9]" "nothing is lost"

# ---- a change of configuration ----------------------------------------------
before=$(grep -c . "$LAB/sys/lines")
printf '%s\n' "config log syslogd4 setting" "set format cef" end |
    lab_ctl >/dev/null || fail "wadctl"
make_records 3
# shellcheck disable=SC2317
cef_traffic()
{
	sed -n "$((before + 1)),\$p" "$LAB/sys/lines" | grep "CEF: " \
	    >"$LAB/sys/cef"
	[ "$(grep -c "CEF: 0|openwad|.*|traffic:forward" \
	    "$LAB/sys/cef")" -eq 3 ] &&
	    python3 "$here/logread.py" cef "$LAB/sys/cef"
}
lab_wait 10 cef_traffic || fail "CEF: $(cat "$LAB/sys/cef"; python3 \
    "$here/logread.py" cef "$LAB/sys/cef" 2>&1)"
[ "$(ctl diagnose log syslog status | grep -c "state: up")" -eq 4 ] ||
    fail "a change of the form needs no new connection"

# ---- the server is killed while records come, and comes back ------------------
# What it had received and not written down dies with it: nothing is on its way.
for form in json rfc5424; do
	all_same "before the server is killed, $form" "$form"
done
kill -9 "$(cat "$LAB/rsyslogd.pid")"
# shellcheck disable=SC2317
all_wait()
{
	local out

	out=$(lab_ctl diagnose log syslog status) || return 1
	[ "$(grep -cE "port (601|602|6514) " <<<"$out")" -eq 3 ] &&
	    ! grep -qE "port (601|602|6514) .* at " <<<"$out"
}
lab_wait 5 all_wait || fail "not everybody saw the server die"
make_records 8
has "$(ctl diagnose log syslog status)" "last error: [a-zA-Z]" "the reason"
server_start
for form in json rfc5424; do
	lab_wait 40 same "$form" ||
	    fail "after the server came back, $form: $(diff "$LAB/want" \
	    "$LAB/got" | head)"
done
lab_wait 10 grep -q "log server $LAB_ORIGIN4 port 601 .* is back" \
    "$LAB/sys/json" || fail "no record about the server that is back"

# ---- wad-export is killed under load ------------------------------------------
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    github.com 300 4 >"$LAB/load.out" 2>&1 &
load=$!
# shellcheck disable=SC2317
back()
{
	[ "$(role_pids export | wc -l)" -eq 1 ] &&
	    [ "$(role_pids export)" != "$1" ]
}
for i in 1 2 3; do
	sleep 0.5
	pid=$(role_pids export)
	kill -9 "$pid"
	lab_wait 3 back "$pid" || fail "wad-export did not come back ($i)"
done
wait $load || fail "connections were lost: $(cat "$LAB/load.out")"
lab_wait 10 status_has "port 601 .*$LAB_ORIGIN4:601" || fail "not up again"
# shellcheck disable=SC2317
none_lost()
{
	readings "$1"
	uniq "$LAB/got" >"$LAB/got.once"
	cmp -s "$LAB/want" "$LAB/got.once"
}
for form in json rfc5424; do
	lab_wait 10 none_lost "$form" ||
	    fail "lost with wad-export, $form: $(diff "$LAB/want" \
	    "$LAB/got.once" | head)"
	n=$(uniq -d "$LAB/got" | grep -c .)
	# of each death at most what was on its way at that moment
	[ "$n" -le 90 ] || fail "$n records twice after three deaths, $form"
	echo "$form: $(grep -c . "$LAB/got") lines, $n twice"
done

# ---- a server that never answers, one that must not be believed -----------------
# UDP loses what is sent while the server is not there: from here on again.
since=$(date +%s%N)
printf '%s\n' "config log syslogd2 setting" "set server $LAB_DEAD4" end \
    "config log syslogd3 setting" "set server localhost" end \
    "config log syslogd4 setting" "set status disable" end |
    lab_ctl >/dev/null || fail "wadctl"
lab_spawn g liar openssl s_server -accept 6514 -quiet \
    -cert "$LAB/pki/github.com.crt" -cert_chain "$LAB/pki/github.com.crt" \
    -key "$LAB/pki/github.com.key"
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    github.com 200 4 >"$LAB/load.out" 2>&1 ||
    fail "a dead log server stops traffic: $(cat "$LAB/load.out")"
lab_wait 25 status_has "its certificate is not accepted: [Hh]ostname mismatch" ||
    fail "a certificate for another name: $(ctl diagnose log syslog status)"
out=$(ctl diagnose log syslog status)
has "$out" "queued: [1-9][0-9]* \([1-9][0-9]* bytes" "its records wait"
all_same "the server that lives" default
lab_kill liar

# ---- the end: the last records still go out --------------------------------------
lab_openwad_stop
all_same "after the end" default
exit 0
