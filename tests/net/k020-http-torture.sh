#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# HTTP under fire: requests of all kinds over HTTP/1.1 (TLS, plain, explicit,
# CONNECT) and HTTP/2 are cut anywhere by clients and origins while the web
# filter changes every half second, and then while roles are killed.  Each
# response that arrived is whole and the right one, each request and each
# connection is in the log once, and a second round needs no more memory and
# descriptors than the first.  K020_SECONDS: of a round.
# shellcheck disable=SC2034
LAB_WORKERS=2 LAB_EXPLICIT=1 NET_KILLS=1
LAB_EXTRA='config firewall ssl-ssh-profile
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
end
config webfilter urlfilter
edit 7
set name torture
config entries
edit 1
set url "github.com/bad"
set action block
next
edit 2
set url "github.com/flip"
set action block
next
end
next
end
config webfilter profile
edit web-filter-test
set log-all-url enable
config web
set urlfilter-table 7
end
next
end
config log disk setting
set max-log-file-size 100
end
config openwad settings
set halfclose-timeout 3
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
python_with h2 hpack
seconds=${K020_SECONDS:-3}
net_start
lab_in c sysctl -qw net.ipv4.ip_local_port_range="60000 60999"
lab_spawn o origin "$python" "$here/httptorture.py" serve \
    "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key"
origin_on 8000

flips()	# until the round ends
{
	local n=0

	while [ -e "$LAB/round" ]; do
		printf '%s\n' "config webfilter urlfilter" "edit 7" \
		    "config entries" "edit 2" \
		    "set action $([ $((n++ % 2)) -eq 0 ] && echo allow ||
		    echo block)" next end next end | lab_ctl >/dev/null 2>&1
		sleep 0.5
	done
}

torture()	# ROUND: numbers from 0
{
	local first=$((1100 + $1 * 19000)) pids=

	: >"$LAB/round"
	flips &
	lab_in c timeout 60 "$python" "$here/httptorture.py" run "$LAB/h1.$1" \
	    "$LAB/pki/$LAB_CA.crt" "$LAB_ORIGIN4" "$LAB_LAN4" "$seconds" \
	    $first tls plain proxy connect tls &
	pids=$!
	lab_in c timeout 60 "$python" "$here/httptorture.py" run "$LAB/h2.$1" \
	    "$LAB/pki/$LAB_CA.crt" "$LAB_ORIGIN4" "$LAB_LAN4" "$seconds" \
	    $((first + 10000)) h2 h2 h2 &
	pids="$pids $!"
	# shellcheck disable=SC2086
	wait $pids || fail "the clients of round $1"
	rm -f "$LAB/round"
	wait
}

# shellcheck disable=SC2317	# lab_wait calls it
quiet()
{
	lab_ctl diagnose sys session stat | grep -q 'session_count=0 '
}

size()	# $fds and $kb: of all workers, when no session is left
{
	local pid

	lab_wait 15 quiet ||
	    fail "sessions are left: $(lab_ctl diagnose wad session list)"
	sleep 0.5
	fds=0 kb=$(memory RssAnon worker)
	for pid in $(role_pids worker); do
		fds=$((fds + $(find "/proc/$pid/fd" -type l | wc -l)))
	done
}

# shellcheck disable=SC2317
true_log()
{
	cat "$LAB"/run/log/openwad.log* >"$LAB/log"
	"$python" "$here/httptorture.py" check "$mood" "$LAB/log" \
	    "${files[@]}" >"$LAB/said" 2>&1
}

right()	# MOOD ROUND...
{
	local n

	mood=$1
	files=()
	shift
	for n; do
		files+=("$LAB/h1.$n" "$LAB/h2.$n")
	done
	lab_wait 5 true_log || fail "round $*: $(cat "$LAB/said")"
	cat "$LAB/said"
	: >"$LAB/run/log/openwad.log"
}

torture 0
size
fds0=$fds kb0=$kb
right calm 0
torture 1
size
right calm 1
echo "idle after a round: $fds0 descriptors, $kb0 KiB; after two: $fds, $kb"
[ "$fds" -le "$fds0" ] || fail "descriptors grew"
# libasan's quarantine grows by itself
nm "$top_builddir/src/wad-worker" 2>/dev/null | grep -q __asan_init ||
    [ "$kb" -lt $((kb0 + 4096)) ] || fail "memory grew"
fds0=$fds

torture 2 &
round=$!
sleep 0.7
for role in worker lookup control worker keys worker control; do
	kill -9 "$(role_pids $role | head -n 1)" 2>/dev/null
	sleep 0.$((RANDOM % 4 + 3))
done
wait $round || fail "the clients"
size
right kills 2
[ "$fds" -le "$fds0" ] || fail "descriptors: $fds0 before the kills, $fds after"
grep -E 'AddressSanitizer|runtime error:' "$LAB/openwad.out" &&
    fail "a sanitizer has something to say"
grep 'killed by signal' "$LAB/openwad.out" | grep -v 'signal 9 ' &&
    fail "a process crashed"
exit 0
