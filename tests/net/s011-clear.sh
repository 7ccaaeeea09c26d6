#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `diagnose sys session clear`: thousands of sessions, both legs of each see a
# reset; what the filter does not hold stays.
# shellcheck disable=SC2034
N=3000
LAB_EXTRA='config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set ports 443 9000
        end
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

# shellcheck disable=SC2317	# lab_wait calls it
total()		# COUNT: of sessions in the list
{
	lab_ctl diagnose sys session list | tail -n 1 |
	    grep -q "total session $1\$"
}

script()	# LINES...: on one console
{
	printf '%s\n' "$@" | "$LAB_BIN/wadctl" -s "$LAB/run/control.sock" ||
	    fail "wadctl: $*"
}

lab_spawn o serve python3 "$here/holder.py" serve "$LAB_ORIGIN4" 9000 $N
lab_wait 10 grep -q listening "$LAB/serve.out" || fail "no origin"
lab_spawn c keep python3 "$here/holder.py" tls "$LAB_ORIGIN4" github.com
lab_spawn c open python3 "$here/holder.py" open "$LAB_ORIGIN4" 9000 $N
lab_wait 60 grep -q ready "$LAB/open.out" || fail "$(cat "$LAB/open.out")"
lab_wait 10 grep -q ready "$LAB/keep.out" || fail "$(cat "$LAB/keep.out")"

# One by its number.
serial=$(ctl diagnose sys session list | awk -v RS= '/:9000/' |
    sed -n '0,/^serial=/s/^serial=\([0-9a-f]*\).*/\1/p')
out=$(ctl diagnose sys session delete "$serial") || fail "delete: $out"
lab_wait 5 grep -q "sessionid=$((16#$serial)) .*reason=\"cleared\"" \
    "$LAB/run/log/openwad.log" || fail "session $serial was not ended"
lab_wait 2 total $N || fail "not one less"

start=$(date +%s%N)
out=$(script "diagnose sys session filter dport 9000" \
    "diagnose sys session clear")
ms=$((($(date +%s%N) - start) / 1000000))
hasnt "$out" "[0-9]" "clear is silent"
lab_wait 20 grep -q eof= "$LAB/open.out" || fail "clients are still there"
lab_wait 20 grep -q eof= "$LAB/serve.out" || fail "servers are still there"
has "$(cat "$LAB/open.out")" "reset=$N eof=0" "clients see a reset"
has "$(cat "$LAB/serve.out")" "reset=$N eof=0" "servers see a reset"
echo "$N sessions cleared in $ms ms"
lab_wait 2 total 1 || fail "another does not stay"
hasnt "$(cat "$LAB/keep.out")" "reset|eof" "another stays"

# Exactly one record each.
logged()
{
	[ "$(grep -h 'type="traffic"' "$LAB"/run/log/openwad.log* |
	    grep -c 'reason="cleared"')" -eq "$1" ]
}
lab_wait 10 logged $N || fail "not $N records"
logged $N || fail "more than $N records"

# Everything.
script "diagnose sys session clear" >/dev/null
lab_wait 5 grep -q reset "$LAB/keep.out" || fail "TLS: $(cat "$LAB/keep.out")"
lab_wait 2 total 0 || fail "not all are gone"
exit 0
