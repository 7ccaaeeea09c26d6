#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A hundred clients of HTTP/2 that take all the memory they can get: the worker
# stays below buffer-memory, ends those that hold most and says so, serves
# others as before, and gives the memory back afterwards.
# shellcheck disable=SC2034
LAB_WORKERS=1
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set buffer-memory 32
end
config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9443
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need nghttpd
python_with ssl
net_start
p=$LAB/pki/github.com
head -c 1000000 /dev/urandom >"$LAB/www/mega"
lab_spawn o nghttpd nghttpd -m 128 -a "$LAB_ORIGIN4" -d "$LAB/www" 9443 \
    "$p.key" "$p.crt"
origin_on 9443

get()	# SECONDS PORT PATH [OPTIONS...]: how many bytes came
{
	lab_in c curl -s -m "$1" --cacert "$LAB/pki/$LAB_CA.crt" \
	    --connect-to "github.com:$2:$LAB_ORIGIN4:$2" "${@:4}" \
	    -o /dev/null -w '%{size_download}\n' "https://github.com:$2/$3"
}

gauge()
{
	lab_ctl diagnose wad stats | sed -n 's/^buffer_bytes = \([0-9]*\).*/\1/p'
}

served()	# others are, by both versions, and by a reader who is slow
{
	[ "$(get 10 9443 mega)" = 1000000 ] &&
	    [ "$(get 10 443 file/mega --http1.1)" = 1000000 ] &&
	    [ "$(get 10 443 file/small --http1.1)" -gt 0 ]
}

served || fail "without load"
before=$(memory RssAnon worker)
for pid in $(role_pids worker); do
	echo 5 >"/proc/$pid/clear_refs"		# VmHWM from here on
done
workers=$(role_pids worker)
get 30 9443 mega --limit-rate 200k >"$LAB/slow" &
slow=$!
mkfifo "$LAB/hold"
: >"$LAB/held"
lab_in c timeout 60 "$python" "$here/h2grab.py" "$LAB_ORIGIN4" 9443 \
    github.com "$LAB/pki/$LAB_CA.crt" /mega 100 128 <"$LAB/hold" \
    >"$LAB/held" &
grab=$!
exec 9>"$LAB/hold"
most=0 left=3
for n in {1..100}; do
	served || fail "others are not served ($n)"
	now=$(gauge)
	[ "$now" -le "$most" ] || most=$now
	grep -q held "$LAB/held" && left=$((left - 1))
	[ $left -gt 0 ] || break
done
[ $left = 0 ] || fail "the clients did not come"
record 0100022011 'conserve="on"'
record 0000000013 'reason="buffers"' 'buffer-memory'
kill -0 $grab || fail "the clients went"
peak=$(($(memory VmHWM worker) - before))
wait $slow
[ "$(cat "$LAB/slow")" = 1000000 ] || fail "a slow reader: $(cat "$LAB/slow")"
exec 9>&-
wait $grab
echo "$(tail -n 1 "$LAB/held") of 100; the worker grew by $peak KiB, buffers had" \
    "$most bytes"
[ "$workers" = "$(role_pids worker)" ] || fail "a worker went"
[ "$most" -gt $((16 << 20)) ] || fail "the clients did not get much"
# The mark, and as much for what comes until the worker sees to it; 64 KiB of
# TLS for each connection, a quarter for gaps that the allocator leaves.
[ "$most" -lt $((64 << 20)) ] || fail "buffers: $most"
nm "$top_builddir/src/wad-worker" 2>/dev/null | grep -q __asan_init ||
    [ "$peak" -lt $(((64 * 1024 + 100 * 64) * 5 / 4)) ] || fail "too much memory"

# shellcheck disable=SC2317	# lab_wait calls them
empty()
{
	[ "$(gauge)" = 0 ]
}
# shellcheck disable=SC2317
given_back()
{
	[ $(($(memory RssAnon worker) - before)) -lt $((peak / 2)) ]
}
lab_wait 5 empty || fail "all are gone, and $(gauge) bytes are held"
nm "$top_builddir/src/wad-worker" 2>/dev/null | grep -q __asan_init ||
    lab_wait 8 given_back || fail "the worker keeps its memory"
record 0100022012 'conserve="exit"'
served || fail "afterwards"
exit 0
