#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What bad input gets: configurations, keys, category lists, commands.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
bin=$top_builddir/src

check()	# WHAT PATTERN: -t must refuse $LAB/bad.conf and say so
{
	local out

	out=$("$bin/openwad" -t -c "$LAB/bad.conf" -r "$LAB/run2" 2>&1) &&
	    fail "$1 is accepted: $out"
	has "$out" "$2" "$1"
}

# All errors at once, each with file and line and the nearest word.
mkdir -p "$LAB/run2/certs"
cp "$LAB/run/certs/"* "$LAB/run2/certs/"
"$bin/openwad" -t -c "$LAB/openwad.conf" -r "$LAB/run2" ||
    fail "-t refuses a good file"
sed 's/set logtraffic all/set logtrafic all/; s/"web-filter-test"$/"web-filter-tst"/
	s/set transparent-port 8443/set transparent-port 99999/' \
    "$LAB/openwad.conf" >"$LAB/bad.conf"
check "a wrong word" "bad.conf:[0-9]+: .*logtrafic.*logtraffic"
check "a wrong number" "bad.conf:[0-9]+: .*99999"
sed 's/set caname.*/set caname "nobody"/' "$LAB/openwad.conf" >"$LAB/bad.conf"
check "an unknown certificate" "bad.conf:[0-9]+: .*nobody"

# Keys: readable by all, missing, of another certificate.
cp "$LAB/openwad.conf" "$LAB/bad.conf"
chmod 644 "$LAB/run2/certs/$LAB_CA.key"
check "a world-readable key" "$LAB_CA.key"
rm "$LAB/run2/certs/$LAB_CA.key"
check "a missing key" "$LAB_CA"
install -m 600 "$LAB/pki/root.key" "$LAB/run2/certs/$LAB_CA.key"
check "a key of another certificate" "$LAB_CA"

# Reload: a bad file changes nothing and says why.
cp "$LAB/openwad.conf" "$LAB/good.conf"
echo "config nonsense" >>"$LAB/openwad.conf"
sed -i 's/set nat enable/set nat perhaps/' "$LAB/openwad.conf"
kill -HUP "$(cat "$LAB/run/openwad.pid")"
lab_wait 5 grep -q "perhaps" "$LAB/openwad.out" || fail "HUP says nothing"
lab_curl -o /dev/null https://github.com/ || fail "a bad reload did harm"
cp "$LAB/good.conf" "$LAB/openwad.conf"
# The console: all or nothing.
printf '%s\n' "config firewall policy" "edit 11" "set action deny" \
    "set ssl-ssh-profile nowhere" "next" "end" |
    lab_ctl >"$LAB/out" 2>&1
grep -q nowhere "$LAB/out" || fail "the console took a bad edit"
lab_curl -o /dev/null https://github.com/ || fail "a bad edit did harm"
# A wrong command names the valid words.
out=$(lab_ctl diagnose wad debgu 2>&1) && fail "a wrong command is accepted"
has "$out" "debug" "the valid words"

# Category lists: bad lines are counted, an empty result is refused.
printf '%s\n' 'good.example,52' 'no comma here' 'x..y,52' 'a.example,999999' \
    >"$LAB/list.csv"
out=$("$bin/wad-catdb" build -o "$LAB/list.db" "$LAB/list.csv" 2>&1) ||
    fail "bad lines: $out"
has "$out" "3" "bad lines are counted"
printf '???\n' >"$LAB/list.csv"
"$bin/wad-catdb" build -o "$LAB/none.db" "$LAB/list.csv" >/dev/null 2>&1 &&
    fail "an empty database was made"
exit 0
