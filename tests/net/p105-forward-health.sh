#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Health checks of parent proxies: one that is killed and comes back, one that
# answers 503, one that hangs; what server-down-option, group-down-option and
# groups make of it; records, the console, explain, numbers.  wad-lookup dies.
# shellcheck disable=SC2034
NET_KILLS=1
LAB_EXPLICIT=1
LAB_EXTRA='config openwad settings
    set forward-check-interval 1
end
config web-proxy forward-server
    edit "a"
        set ip 10.9.11.100
        set port 3128
        set username "gate"
        set password "s3cret-of-the-parent"
        set healthcheck enable
        set monitor "https://github.com/"
    next
    edit "b"
        set addr-type fqdn
        set fqdn "plain.example"
        set port 3129
        set healthcheck enable
        set monitor "http://plain.example/health?key=xyz"
        set server-down-option pass
    next
    edit "c"
        set ip 10.9.11.100
        set port 3130
        set healthcheck enable
        set monitor "http://plain.example/"
    next
end
config web-proxy forward-server-group
    edit "block"
        set ldb-method active-passive
        config server-list
            edit "b"
            next
            edit "a"
            next
        end
    next
    edit "pass"
        set group-down-option pass
        config server-list
            edit "a"
            next
            edit "b"
            next
        end
    next
end
config web-proxy url-match
    edit "a"
        set url-pattern "plain.example/a"
        set forward-server "a"
    next
    edit "b"
        set url-pattern "plain.example/b"
        set forward-server "b"
    next
    edit "block"
        set url-pattern "github.com"
        set forward-server "block"
    next
    edit "pass"
        set url-pattern "plain.example/pass"
        set forward-server "pass"
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 dnsmasq
net_lab
lab_dns_start || fail "no resolver"

parent()	# NAME PORT [USER:PASSWORD]
{
	touch "$LAB/$1.log"
	lab_spawn o "$1" python3 "$here/parent.py" "$LAB_ORIGIN4" "$2" \
	    "$LAB/$1.log" "${3:-}" "$LAB/$1.mood"
	origin_on "$2"
}

pcurl()
{
	lab_in c curl -sS --max-time 10 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -x "http://$LAB_LAN4:8080" "$@"
}

# shellcheck disable=SC2317	# lab_wait calls it
agreed()	# NAME STATE: the health check says so, and every worker knows
{
	local out

	out=$(lab_ctl diagnose wad webproxy forward-server) &&
	    grep -q "^health check: name=$1 .* state=$2 " <<<"$out" &&
	    grep -q "^worker .* name=$1 .* state=$2" <<<"$out" &&
	    ! grep "^worker .* name=$1 " <<<"$out" | grep -qv " state=$2"
}

# shellcheck disable=SC2317
three_down()
{
	lab_ctl diagnose wad stats | grep -q "^forwards_down = 3 "
}

is()	# NAME up | down
{
	lab_wait 15 agreed "$1" "$2" ||
	    fail "$1 is not $2: $(ctl diagnose wad webproxy forward-server)"
}

echo ok >"$LAB/a.mood"
echo 503 >"$LAB/b.mood"
echo hang >"$LAB/c.mood"
parent a 3128 gate:s3cret-of-the-parent
parent b 3129
parent c 3130
lab_openwad_start || fail "openwad did not start"

# b answers 503: not used, by itself (pass) or in a group.
is a up
is b down
record 0105040960 'fwserver_name="b"' 'addr_type="fqdn"' 'port=3129' \
    'level="notice"' 'b is down: answers 503"'
out=$(ctl diagnose wad webproxy forward-server)
has "$out" "^health check: name=b monitor=http://plain.example/health state=down since=.*result=answers 503" "503"
has "$out" "^worker 0: name=b .*state=down cause=health-check" "the worker's"
has "$out" "^worker 0: name=a .*state=up" "the worker's"
out=$(pcurl http://plain.example/b)
has "$out" "client=" "pass"
hasnt "$out" "client=$LAB_ORIGIN4" "pass"
has "$(pcurl https://github.com/)" "client=$LAB_ORIGIN4" "the group"
hasnt "$(cat "$LAB/b.log")" "CONNECT|/b " "nothing by b"
has "$(cat "$LAB/a.log")" "^CONNECT github.com:443 HTTP/1.1 auth=True" "signed in"

# It is well again.
echo ok >"$LAB/b.mood"
is b up
record 0105090001 'fwserver_name="b"' 'b is back: answers 200"'
pcurl -o /dev/null http://plain.example/b || fail "b again"
has "$(cat "$LAB/b.log")" "^GET http://plain.example/b HTTP/1.1 auth=False" "by b"

# a is killed.
lab_kill a
is a down
record 0105040960 'fwserver_name="a"' 'ip=10.9.11.100' 'refused"'
out=$(pcurl -w '%{http_code}' http://plain.example/a)
has "$out" "the proxy a is down: Connection refused" "the page"
has "$out" "502$" "block"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" github.com interface explicit-web)
has "$out" "^next proxy *: group block" "explain"
has "$out" "^  down *: a: Connection refused" "explain"
hasnt "$out" "instead" "b is left"
echo 503 >"$LAB/b.mood"
is b down
out=$(ctl diagnose wad explain "$LAB_CLIENT4" github.com interface explicit-web)
has "$out" "^  instead *: nothing \\(block\\)" "explain"
has "$out" "^result *: refused with status 502" "explain"
out=$(pcurl -o /dev/null -w '%{http_connect}' https://github.com/ 2>&1)
has "$out" "502" "group-down-option block"
out=$(pcurl http://plain.example/pass) || fail "group-down-option pass"
has "$out" "client=" "group-down-option pass"
hasnt "$(cat "$LAB/a.log" "$LAB/b.log")" "/pass" "straight to the server"

# c hangs since the start.
is c down
record 0105040960 'fwserver_name="c"' 'no answer within 3 seconds"'
lab_wait 5 three_down || fail "$(ctl diagnose wad stats)"

# wad-lookup dies: what was known holds until it has asked again.
pid=$(role_pids lookup)
kill -9 "$pid"
out=$(pcurl -o /dev/null -w '%{http_code}' http://plain.example/a)
has "$out" "502" "wad-lookup is gone"
parent a 3128 gate:s3cret-of-the-parent
is a up
has "$(pcurl http://plain.example/a)" "client=$LAB_ORIGIN4" "a again"

# The password, and what is asked for, are in no log.
for secret in s3cret "$(printf gate:s3cret-of-the-parent | base64)" xyz; do
	! grep -rqF "$secret" "$LAB/run/log" "$LAB/openwad.out" ||
	    fail "$secret is in a log"
done
exit 0
