#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# 5000 consecutive inspected connections: no error, no growth.  The CPU time
# of all roles for each connection is printed.
# shellcheck disable=SC2034
LAB_WORKERS=1
# the log in memory grows to its bound, 10 MB: that is not what is looked for
LAB_EXTRA='config log memory setting
    set status disable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
client=$top_builddir/tests/bench/bench_client
[ -x "$client" ] || skip "bench_client is not built"
net_start
count=${OPENWAD_SOAK:-5000}

load()	# COUNT
{
	lab_in c "$client" -n "$1" -c 2 -C "$LAB/pki/$LAB_CA.crt" \
	    "$LAB_ORIGIN4" 443
}

sum()	# what: fds, ticks of CPU of all roles
{
	local p n=0

	for p in $(role_pids worker) $(role_pids keys) $(role_pids control); do
		case $1 in
		fd) n=$((n + $(find "/proc/$p/fd" -type l | wc -l))) ;;
		cpu) n=$((n + $(cut -d' ' -f14,15 "/proc/$p/stat" |
		    tr ' ' '+'))) ;;
		esac
	done
	echo $n
}

load 3000 || fail "errors while warming up"
settled
sleep 2
fd=$(sum fd) kb=$(memory RssAnon worker keys control) cpu=$(sum cpu)
load "$count" || fail "errors"
cpu=$(($(sum cpu) - cpu))
settled
sleep 2
fd2=$(sum fd) kb2=$(memory RssAnon worker keys control)
echo "descriptors $fd -> $fd2, memory $kb -> $kb2 kB"
echo "CPU: $((cpu * 1000000 / $(getconf CLK_TCK) / count)) us a connection"
[ "$fd2" -le "$fd" ] || fail "descriptors grew from $fd to $fd2"
# wad-control's queue for the log file is as large as its largest batch was
[ "$kb2" -le $((kb + 384)) ] ||
    fail "memory grew from $kb to $kb2 kB"
exit 0
