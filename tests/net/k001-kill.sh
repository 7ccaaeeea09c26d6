#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of a worker, of wad-keys and of wad-control while connections run.
# shellcheck disable=SC2034
LAB_WORKERS=2 NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

# gone ROLE PID COUNT: the old process is away and COUNT are there.
# shellcheck disable=SC2317
gone()
{
	role_pids "$1" | grep -qx "$2" && return 1
	[ "$(role_pids "$1" | wc -l)" -eq "$3" ]
}

# wad-keys: connections that need no new certificate do not even notice.
lab_curl -o /dev/null https://github.com/ || fail "before"
pid=$(role_pids keys | head -n 1)
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    github.com 400 4 >"$LAB/load.out" 2>&1 &
load=$!
sleep 0.3
kill -9 "$pid"
lab_wait 2 gone keys "$pid" 1 || fail "wad-keys did not come back"
wait $load || fail "keys killed: $(cat "$LAB/load.out")"
lab_wait 3 lab_curl -o /dev/null https://example.com/ ||
    fail "no new certificate after the restart of wad-keys"

# wad-control: each connection is logged, and once.
count=$(grep -c 'hostname="www.example.com"' "$LAB/run/log/openwad.log")
[ "$count" -eq 0 ] || fail "www.example.com was asked before"
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    www.example.com 300 4 >"$LAB/load.out" 2>&1 &
load=$!
for _ in 1 2; do
	sleep 0.4
	pid=$(role_pids control)
	kill -9 "$pid"
	lab_wait 2 gone control "$pid" 1 || fail "wad-control did not come back"
done
wait $load || fail "control killed: $(cat "$LAB/load.out")"
# shellcheck disable=SC2317
all_logged()
{
	grep 'type="traffic"' "$LAB/run/log/openwad.log" |
	    grep -o 'sessionid=[0-9]* .*hostname="www.example.com"' |
	    cut -d' ' -f1 | sort >"$LAB/logged"
	[ "$(uniq "$LAB/logged" | wc -l)" -ge 300 ]
}
lab_wait 15 all_logged || fail "logged: $(uniq "$LAB/logged" | wc -l) of 300"
[ -z "$(uniq -d "$LAB/logged")" ] ||
    fail "$(uniq -d "$LAB/logged" | wc -l) connections were logged twice"
grep "log records lost" "$LAB/run/log/openwad.log" && fail "none was lost"

# A worker: a download on one of the others goes on.
lab_in c curl -sS --max-time 60 --limit-rate 8M -o "$LAB/got" \
    --cacert "$LAB/pki/$LAB_CA.crt" --resolve "*:443:$LAB_ORIGIN4" \
    https://github.com/file/big &
one=$!
lab_wait 5 test -s "$LAB/got" || fail "the download does not begin"
# The worker that carries it has the connection to the server.
# shellcheck disable=SC2317
carried()
{
	busy=$(lab_in g ss -Htnp state established dst "$LAB_ORIGIN4" |
	    sed -n 's/.*pid=\([0-9]*\).*/\1/p' | sort -u)
	[ "$(grep -c . <<<"$busy")" -eq 1 ]
}
lab_wait 2 carried || fail "it is carried by: $busy"
pid=$(role_pids worker | grep -vx "$busy" | head -n 1)
kill -9 "$pid"
lab_wait 2 gone worker "$pid" 2 || fail "the worker did not come back"
wait $one || fail "a connection of the other worker was lost"
cmp "$LAB/got" "$LAB/www/big" || fail "its bytes changed"
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    github.com 100 4 || fail "listeners were lost"
exit 0
