#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Threat feeds: a category, a domain and an address feed, by http and https;
# what they do to names and addresses, in logs and explain; local ratings come
# first, the database last; updates by ETag.
# shellcheck disable=SC2034
LAB_EXTRA='config system external-resource
edit "bad-sites"
set category 192
set resource "http://203.0.113.10:8081/sites?key=sesame"
set user-agent "gateway/1"
next
edit "bad names"
set type domain
set category 193
set resource "https://feeds.example:8444/names"
set server-identity-check full
set username "reader"
set password "sesame2"
next
edit "bad-nets"
set type address
set resource "http://203.0.113.10:8081/nets"
set source-ip 203.0.113.11
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
edit 61
set category 193
set action block
next
end
end
next
end
config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config ssl-exempt
edit 9
set fortiguard-category 194
next
end
next
end
config firewall policy
edit 5
set name "no-bad-nets"
set srcintf "lan"
set dstintf "wan"
set srcaddr "all"
set srcaddr6 "all"
set dstaddr "bad-nets"
set dstaddr6 "bad-nets"
set service "ALL"
set schedule "always"
set action deny
set logtraffic all
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
LAB_SERVERS="$LAB_SERVERS feeds.example fed.example named.example"
need dnsmasq python3
LAB_EXTRA=${LAB_EXTRA//203.0.113.10/$LAB_ORIGIN4}
LAB_EXTRA=${LAB_EXTRA//203.0.113.11/$LAB_WAN4}
net_lab
lab_dns_start || fail "no resolver"

f=$LAB/feed
mkdir -p "$f"
lab_leaf feeds root 20 feeds.example
printf '# sites\nbet.example\nfed.example\nhttps://github.com/evil/\nnot a name\n' \
    >"$f/sites"
printf 'named.example\nexample.com\n' >"$f/names"
echo auth >"$f/names.mode"
printf '10.9.11.192/28\n2001:db8:9::/48\n' >"$f/nets"
lab_spawn o feeds python3 "$here/feedserver.py" "$LAB_ORIGIN4" "$f" \
    "$LAB/pki/feeds.crt" "$LAB/pki/feeds.key"
lab_wait 20 grep -q ready "$LAB/feeds.out" || fail "no feed server"
lab_openwad_start || fail "openwad did not start"

printf '%s\n' "config firewall policy" "move 5 before 11" end |
    lab_ctl >/dev/null || fail "move"

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

state bad-sites 'total lines: 5; valid lines: 3; error lines: 1' "lines"
state bad-sites 'line 5 "not a name"' "the bad line"
state "bad names" 'buildable: 2' "by https, with a name and a password"
state bad-nets 'buildable: 2' "address feed"
record 0100090020 'name="bad-sites"' '5 lines, 3 good, 1 bad, 3 entries'
record 0100090023 'line 5'
grep -q 'sites 200 .*agent=gateway/1' "$f/log" || fail "user-agent"
grep -q 'names 401' "$f/log" && grep -q 'names 200 .*auth=Basic cmVhZGVyOnNlc2FtZTI=' \
    "$f/log" || grep -q 'names 200 .*auth=Basic cmVhZGVyOnNlc2FtZTI=' \
    "$f/log" || fail "name and password: $(cat "$f/log")"
grep -q "nets 200 from=$LAB_WAN4 " "$f/log" || fail "source-ip"
# secrets are nowhere to be seen
! ctl diagnose sys external-resource stats | grep sesame || fail "a secret"
! grep sesame "$LAB/run/log/openwad.log" "$LAB/openwad.out" || fail "a secret"

out=$(lab_curl -i https://fed.example/)
has "$out" "^HTTP/1.1 403" "a name of the feed"
has "$out" "bad-sites" "the page says which"
record 0316013056 'hostname="fed.example"' 'cat=192' 'catdesc="bad-sites"'
out=$(lab_curl -i https://named.example/)
has "$out" "^HTTP/1.1 403" "a name of the domain feed"
# example.com is 52 in the database, too: the feed comes first
out=$(lab_curl -i https://example.com/)
has "$out" "^HTTP/1.1 403" "before the database"
lab_curl https://github.com/ >/dev/null || fail "only a page of it is listed"
out=$(lab_curl -i https://github.com/x/../evil/page?q)
has "$out" "^HTTP/1.1 403" "that page"

out=$(ctl diagnose wad explain "$LAB_CLIENT4" fed.example:443 interface lan)
has "$out" "192 bad-sites \(threat feed\)" "explain"
has "$out" "threat feed *: bad-sites, line 3" "explain: the line"
has "$(ctl get webfilter categories)" " 192 bad-sites" "get webfilter categories"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" www.named.example:443 interface lan)
has "$out" "threat feed *: bad names, line 1" "explain: a parent"

# addresses
out=$(ctl diagnose wad explain "$LAB_CLIENT4" 10.9.11.200:443 interface lan)
has "$out" "policy *: 5" "an address of the feed"
has "$out" "threat feed *: bad-nets, line 1" "explain: which line"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" 10.9.11.210:443 interface lan)
has "$out" "policy *: 11" "another one"
out=$(ctl diagnose sys external-address-resource list bad-nets)
has "$out" "^10.9.11.192-10.9.11.207" "the ranges"
printf '10.9.11.192/28\n%s\n' "$LAB_ORIGIN4" >"$f/nets"
ctl diagnose sys external-resource refresh bad-nets >/dev/null
state bad-nets 'updates: 2' "another copy"
! lab_curl https://www.example.com/ >/dev/null 2>&1 || fail "listed now"
record 0000000013 'policyid=5' 'action="deny"'
echo 10.9.11.192/28 >"$f/nets"
ctl diagnose sys external-resource refresh bad-nets >/dev/null
state bad-nets 'updates: 3' "a third copy"
lab_curl https://www.example.com/ >/dev/null || fail "not listed any more"

# what has not changed is not sent again, and is no news
ctl diagnose sys external-resource refresh bad-sites >/dev/null
state bad-sites 'updates: 1; unchanged: 1; failures: 0' "ETag"
grep -Eq 'sites 304 .*match="[0-9a-f]{16}"' "$f/log" || fail "no 304"

# a local rating comes before the feed
printf '%s\n' "config webfilter ftgd-local-rating" 'edit "fed.example"' \
    "set rating 52" next end | lab_ctl >/dev/null || fail "local rating"
lab_curl https://fed.example/ >/dev/null || fail "local rating first"
out=$(lab_curl https://fed.example/)
has "$out" "client=" "the origin answers"
printf '%s\n' "config webfilter ftgd-local-rating" "purge" end |
    lab_ctl >/dev/null || fail "purge"
out=$(lab_curl -i https://fed.example/)
has "$out" "^HTTP/1.1 403" "without the local rating"

# an exemption by a feed's category
printf '%s\n' "config system external-resource" 'edit "bad-sites"' \
    "set category 194" next end | lab_ctl >/dev/null || fail "category"
out=$(issuer_of fed.example)
[ "$out" != "$LAB_CA" ] || fail "exempt by a feed: $out"
out=$(ctl diagnose sys external-resource list)
has "$out" "name=bad-sites type=category category=194 state=" "list"
out=$(ctl get system external-resource)
has "$out" "bad names" "get"
hasnt "$out" "sesame2" "get shows no password"

# one that is deleted is gone, with its files
[ "$(find "$LAB/run/state/feeds" -type f | wc -l)" = 6 ] || fail "files"
printf '%s\n' "config system external-resource" 'delete "bad-sites"' end |
    lab_ctl >/dev/null || fail "delete"
[ "$(find "$LAB/run/state/feeds" -type f | wc -l)" = 4 ] || fail "clean"
[ "$(issuer_of fed.example)" = "$LAB_CA" ] || fail "a feed that is gone"
exit 0
