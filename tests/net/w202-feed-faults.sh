#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Servers of threat feeds that fail, lie or never end: the copy in use stays
# in use, the reason is told, and wad-lookup goes on answering.
# shellcheck disable=SC2034
LAB_EXTRA='config system external-resource
edit "x"
set category 192
set resource "http://203.0.113.10:8081/x"
next
edit "tls"
set category 193
set resource "https://wrong.example:8444/t"
next
end
config webfilter profile
edit "web-filter-test"
config ftgd-wf
config filters
edit 60
set category 192
set action block
next
end
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need dnsmasq python3
LAB_EXTRA=${LAB_EXTRA//203.0.113.10/$LAB_ORIGIN4}
net_lab
lab_dns_start || fail "no resolver"

f=$LAB/feed
mkdir -p "$f"
lab_leaf feeds root 20 feeds.example
echo bet.example >"$f/x"
echo t.example >"$f/t"
lab_spawn o feeds python3 "$here/feedserver.py" "$LAB_ORIGIN4" "$f" \
    "$LAB/pki/feeds.crt" "$LAB/pki/feeds.key"
lab_wait 20 grep -q ready "$LAB/feeds.out" || fail "no feed server"
lab_openwad_start || fail "openwad did not start"

# shellcheck disable=SC2317
fed()	# NAME PATTERN
{
	lab_ctl diagnose sys external-resource stats "$1" | grep -Eq -- "$2"
}

state()	# NAME PATTERN WHAT
{
	lab_wait 30 fed "$1" "$2" ||
	    fail "$3: $(lab_ctl diagnose sys external-resource stats "$1")"
}

refresh()
{
	ctl diagnose sys external-resource refresh "$1" >/dev/null
}

blocked()
{
	[[ $(lab_curl -i https://www.bet.example/) == *" 403"* ]] ||
	    fail "$1: the copy is not in use any more"
}

state x 'updates: 1' "the first copy"
blocked "first"
n=0
# MODE|what the console says of it
while IFS='|' read -r mode why; do
	n=$((n + 1))
	echo "$mode" >"$f/x.mode"
	echo "other-$n.example" >"$f/x"
	refresh x
	state x "failures: $n " "$mode"
	state x "error: .*$why" "$mode: the reason"
done <<-E
500|answers with HTTP status 500
html|a web page came instead of a list
empty|it is empty
cut|[Tt]ransferred a partial file|transfer closed|outstanding
bomb|larger than 134217728 bytes
layers|an encoding that nobody asked for
loop|redirects too often
away|internal addresses only
huge|more than 4194304 entries|larger than
E
blocked "after all of them"
record 0100090021 'name="x"' '1 in a row' 'the last good copy stays in use'
[ "$(grep -c 'logid="0100090021".*name="x"' "$LAB/run/log/openwad.log")" = 4 ] ||
    fail "failures 1, 2, 4 and 8 are told: $(grep 0100090021 \
    "$LAB/run/log/openwad.log")"
has "$(ctl diagnose sys external-resource list)" 'name=x .* failures=9 error=' \
    "list"
# one that is slow does not keep others waiting
echo slow >"$f/x.mode"
head -c 400 /dev/zero | tr '\0' 'a' >"$f/x"
refresh x
# shellcheck disable=SC2317
fetching() { lab_ctl diagnose sys external-resource list | grep -q "name=$1 .*state=fetching"; }
lab_wait 5 fetching x || fail "it is being fetched"
refresh tls
state tls 'updates: 1; unchanged: 1' "another feed meanwhile"
ctl diagnose wad revocation list >/dev/null
blocked "while one is being fetched"

# it comes back: compressed, then by a redirect
printf 'config system external-resource\nedit x\nset status disable\nend\n' |
    lab_ctl >/dev/null || fail "disable"
[[ $(lab_curl -i https://www.bet.example/) != *"bad feed"* ]] || fail "off"
printf 'config system external-resource\nedit x\nset status enable\nend\n' |
    lab_ctl >/dev/null || fail "enable"
echo gzip >"$f/x.mode"
echo www.github.com >"$f/x"
refresh x
state x 'failures: 0 ' "gzip"
lab_wait 5 fed x 'updated: [0-9]s ago' || fail "gzip"
out=$(lab_curl -i https://www.github.com/)
has "$out" "^HTTP/1.1 403" "gzip"
echo redirect >"$f/x.mode"
echo www.example.com >"$f/target"
refresh x
lab_wait 8 grep -q 'target 200' "$f/log" || fail "redirect"
# shellcheck disable=SC2317
is_blocked() { [[ $(lab_curl -i https://www.example.com/) == *" 403"* ]]; }
lab_wait 8 is_blocked || fail "redirect"

# https: none and basic take any name, full does not
for check in basic full; do
	printf '%s\n' "config system external-resource" "edit tls" \
	    "set server-identity-check $check" end | lab_ctl >/dev/null ||
	    fail "set $check"
	case $check in
	basic) lab_wait 8 fed tls 'failures: 0 ' || fail "basic" ;;
	full) state tls 'its certificate is not accepted' "full" ;;
	esac
done
exit 0
