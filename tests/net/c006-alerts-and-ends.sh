#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Alerts are passed on in kind and named in the log; close_notify, a bare FIN
# and RST arrive as what they were, on both sides: nothing that was cut looks
# complete.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9440 9441 9442 9447 9470 9480 9412
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
rv=0
bad()
{
	echo "BAD: $*"
	rv=1
}
log=$LAB/run/log/openwad.log
p=$LAB/pki/github.com
lab_spawn o origin python3 "$here/tlsorigin.py" "$LAB_ORIGIN4" "$p.crt" \
    "$p.key" "$LAB/hellos" 9441:any 9442:1.2 9440:refuse-40 9470:refuse-70 \
    9480:refuse-80 9412:refuse-112 9447:drop
lab_wait 10 grep -q ready "$LAB/origin.out" || fail "no origin"

talk()	# PORT CAFILE VERSION PATH HOW
{
	lab_in c timeout 30 python3 "$here/tlsend.py" "$LAB_ORIGIN4" "$@" 2>&1
}
origin_end()	# how the last connection ended in the origin's eyes
{
	grep '"end"' "$LAB/hellos" | tail -n 1 | sed 's/.*"end": "\(.*\)"}/\1/'
}
# shellcheck disable=SC2317
ends()	# COUNT: whether the origin has seen more ends than that
{
	[ "$(grep -c '"end"' "$LAB/hellos")" -gt "$1" ]
}
last()	# the traffic record of the connection before
{
	local now

	settled
	now=$(grep 'type="traffic"' "$log" | tail -n 1)
	echo "hostname=${now#* hostname=}"
}
# shellcheck disable=SC2317
all_ended()	# the origin has said how each connection ended
{
	[ "$(grep -c '"end"' "$LAB/hellos")" = \
	    "$(grep -c '"hello"' "$LAB/hellos")" ]
}
mark()
{
	settled
	lab_wait 5 all_ended || fail "the origin holds connections"
	n=$(grep -c '"end"' "$LAB/hellos")
}
ca=$LAB/pki/$LAB_CA.crt

# C17: the server's fatal alert is the client's.
for row in "9440 handshake_failure|HANDSHAKE_FAILURE|handshake failure" \
    "9470 protocol version|PROTOCOL_VERSION" \
    "9480 internal error|INTERNAL_ERROR" \
    "9412 unrecognized name|UNRECOGNIZED_NAME"; do
	read -r port words <<<"$row"
	for v in 1.2 1.3; do
		mark
		out=$(talk "$port" "$ca" $v / wait)
		grep -Eq "handshake: .*($words)" <<<"$out" ||
		    bad "C17: alert of $port, TLS $v: the client gets: $out"
		grep -Eq 'reason="[a-z-]+"' <<<"$(last)" ||
		    bad "C17: alert of $port, TLS $v: no record"
	done
done
# The server ends at once: the client is not left hanging.
out=$(talk 9447 "$ca" 1.3 / wait)
grep -q "handshake:" <<<"$out" || bad "C17: a server that only closes: $out"

# C17: the client turns our certificate down: the server's side is ended, and
# the log has the alert.
for port in 9441 9442; do
	for v in 1.2 1.3; do
		[ $port$v = 94421.3 ] && continue
		mark
		out=$(talk $port none $v / wait)
		grep -q "handshake: .*CERTIFICATE_VERIFY_FAILED" <<<"$out" ||
		    bad "C17: TLS $v without the CA: $out"
		lab_wait 4 ends "$n" ||
		    bad "C17: TLS $v: the server's side is left open"
		out=$(last)
		grep -Eqi 'unknown.?ca' <<<"$out" ||
		    bad "C17: TLS $v: the client's alert is not in: $out"
	done
done

# C18, the server's ends.  An alert is an end that nobody takes for a good one.
for v in 1.2 1.3; do
	for row in "/close ^close_notify answer=1" \
	    "/fin ^(fin|reset|\[SSL.*) answer=1" \
	    "/short-fin ^(fin|reset|\[SSL.*) answer=1" \
	    "/short-close ^close_notify answer=1"; do
		read -r path want <<<"$row"
		mark
		out=$(talk 9441 "$ca" $v "$path" wait)
		grep -Eq "$want" <<<"$out" ||
		    bad "C18: $path, TLS $v: the client sees: $out"
		out=$(last)
		case $path in
		*fin) grep -q 'reason="truncated"' <<<"$out" ;;
		*) ! grep -q 'reason="truncated"' <<<"$out" ;;
		esac || bad "C18: $path, TLS $v: the log has: $out"
	done
done
# What curl makes of it (Debian's takes a FIN for an end where there is no
# length) is what it makes of it without the gateway.
for path in /close /fin /short-fin /short-close; do
	lab_in o curl -sS --max-time 10 --cacert "$LAB/pki/root.crt" \
	    --resolve "*:9441:$LAB_ORIGIN4" -o /dev/null \
	    "https://github.com:9441$path" 2>/dev/null
	want=$?
	lab_curl --resolve "*:9441:$LAB_ORIGIN4" -o /dev/null \
	    "https://github.com:9441$path" 2>/dev/null
	got=$?
	[ $got = $want ] || bad "C18: $path: curl ends with $got, not $want"
	case $path in
	/close) [ $got = 0 ] ;;
	/short*) [ $got != 0 ] ;;
	esac || bad "C18: $path: curl ends with $got"
done

# C18, the client's ends.
for v in 1.2 1.3; do
	for row in "close ^close_notify" "fin ^(fin|reset)" "rst ^(reset|fin)"; do
		read -r how want <<<"$row"
		mark
		out=$(talk 9441 "$ca" $v /keep "$how")
		grep -q "answer=1" <<<"$out" || bad "C18: client's $how: $out"
		lab_wait 4 ends "$n" || bad "C18: client's $how stays open"
		origin_end | grep -Eq "$want" ||
		    bad "C18: client's $how, TLS $v: the server sees: $(
		    origin_end)"
	done
done

# All is said, the server resets, then the client ends: nothing is left.
# shellcheck disable=SC2317
none_left()
{
	! lab_ctl diagnose wad session list | grep -q "id="
}
lab_wait 4 none_left || bad "sessions before: $(ctl diagnose wad session list)"
out=$(talk 9441 "$ca" 1.3 /reset late)
grep -q "close_notify answer=1" <<<"$out" || bad "reset behind the end: $out"
lab_wait 3 none_left || bad "left: $(ctl diagnose wad session list)"
lab_curl -o /dev/null https://github.com/ || fail "a good one after them"
exit $rv
