#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# HTTP/1.1 through the gateway, inside of TLS and plain: what a client and a
# server see is what they see without it, byte for byte; a request that two
# parsers could read differently is refused.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set hello-timeout 3
end
config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 8443
end
next
end
config firewall profile-protocol-options
edit "default"
config http
set ports 80 8000
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
lab_spawn o h1origin python3 "$here/h1origin.py" "$LAB_ORIGIN4" \
    "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key"
lab_wait 5 lab_in o python3 "$here/h1client.py" "$LAB_ORIGIN4" plain half ||
    fail "the origin did not start"

through()	# plain|tls WHAT
{
	local ca=plain

	[ "$1" = plain ] || ca=$LAB/pki/$LAB_CA.crt
	lab_in c timeout 60 python3 "$here/h1client.py" "$LAB_ORIGIN4" \
	    "$ca" "$2" 2>&1
}

direct()
{
	local ca=plain

	[ "$1" = plain ] || ca=$LAB/pki/root.crt
	lab_in o timeout 60 python3 "$here/h1client.py" "$LAB_ORIGIN4" \
	    "$ca" "$2" 2>&1
}

# shellcheck disable=SC2317
malformed()
{
	grep 'reason="request-bad"' "$LAB/run/log/openwad.log" |
	    grep -vq 'msg="the HTTP request is malformed"'
}

# Heads that do not come are waited for while all else goes on.
loris=()
for how in plain tls; do
	through $how loris >"$LAB/loris.$how" &
	loris+=($!)
done
for how in plain tls; do
	for what in same half pipeline websocket; do
		# Python ends both ways of TLS at once; see c006 for that
		[ $how-$what != tls-half ] || continue
		through $how $what >"$LAB/with" || fail "$how $what: \
$(tail -n 3 "$LAB/with")"
		direct $how $what >"$LAB/without" ||
		    fail "$how $what without the gateway"
		[ -s "$LAB/without" ] || fail "$how $what: nothing to compare"
		# blanks around a value are no part of it
		sed -Ei 's/^([A-Za-z-]+): *([^ \r].*)?(\r)$/\1: \2\3/' \
		    "$LAB/with" "$LAB/without"
		diff -a "$LAB/without" "$LAB/with" >"$LAB/diff" ||
		    fail "$how $what: $(cat -A "$LAB/diff")"
	done
	out=$(through $how keepalive) || fail "$how keepalive: $out"
	has "$out" "1000 in one connection" "$how keep-alive"
	out=$(through $how big) || fail "$how big: $out"
	has "$out" "^up " "$how big: $out"
	out=$(through $how bad) || fail "$how bad: $out"
	[ "$(grep -c "^HTTP/1.1 400" <<<"$out")" = 4 ] ||
	    fail "$how, malformed requests: $out"
	lab_wait 5 malformed || fail "$how: the log does not say what"
	has "$out" "^HTTP/1.1 501" "$how, a method that is none"
	has "$out" "^HTTP/1.1 502" "$how, a malformed response"
done
wait "${loris[@]}"
for how in plain tls; do
	has "$(cat "$LAB/loris.$how")" "^HTTP/1.1 408 .* [2-9] s" \
	    "$how, a head that does not come"
done
out=$(through tls noalpn) || fail "without ALPN: $out"
out=$(through plain raw) || fail "what is not HTTP: $out"
has "$out" "raw b''" "what is not HTTP"
exit 0
