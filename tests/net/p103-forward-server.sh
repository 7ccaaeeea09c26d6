#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Chaining: a parent proxy with a password, CONNECT and whole URIs, a parent
# that is down, groups, url-match; what the parent
# refuses.  The password is in workers only.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config web-proxy forward-server
    edit "up"
        set ip 10.9.11.100
        set port 3128
        set username "gate"
        set password "s3cret-of-the-parent"
    next
    edit "open"
        set addr-type fqdn
        set fqdn "plain.example"
        set port 3129
    next
    edit "gone"
        set ip 10.9.11.100
        set port 3199
    next
    edit "gone-pass"
        set ip 10.9.11.100
        set port 3199
        set server-down-option pass
    next
end
config web-proxy forward-server-group
    edit "both"
        set ldb-method active-passive
        config server-list
            edit "gone"
            next
            edit "open"
            next
        end
    next
end
config web-proxy global
    set log-forward-server enable
end
config firewall proxy-policy
    edit 1
        set webproxy-forward-server "up"
        set logtraffic all
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
lab_spawn o up python3 "$here/parent.py" "$LAB_ORIGIN4" 3128 "$LAB/up.log" \
    gate:s3cret-of-the-parent
lab_spawn o open python3 "$here/parent.py" "$LAB_ORIGIN4" 3129 "$LAB/open.log"
touch "$LAB/up.log" "$LAB/open.log"

pcurl()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -x "http://$LAB_LAN4:8080" "$@"
}

# shellcheck disable=SC2317	# lab_wait calls it
nofwd()	# the last session of plain.example went to no other proxy
{
	grep 'hostname="plain.example"' "$LAB/run/log/openwad.log" |
	    tail -n 1 | grep -qv fwdsrv=
}

conf()
{
	lab_ctl >/dev/null || fail "configured"
}

for port in 3128 3129; do
	lab_wait 5 lab_in o bash -c "</dev/tcp/$LAB_ORIGIN4/$port" ||
	    fail "parent $port"
done
out=$(pcurl -v https://github.com/ 2>&1) || fail "CONNECT: $out"
has "$out" "host=github.com" "answer"
has "$out" "client=$LAB_ORIGIN4" "it came from the parent"
has "$out" "issuer:.*$LAB_CA" "inspected"
out=$(pcurl http://plain.example/headers) || fail "whole URI: $out"
out=$(pcurl --cacert "$LAB/pki/root.crt" https://bank.example/) ||
    fail "exempt: $out"
out=$(cat "$LAB/up.log")
has "$out" "^CONNECT github.com:443 HTTP/1.1 auth=True" "CONNECT"
has "$out" "^GET http://plain.example/headers HTTP/1.1 auth=True" "URI"
has "$out" "^CONNECT bank.example:443 " "an exempt name"
record 0000000013 'hostname="github.com"' 'fwdsrv="up"'
record 0000000013 'hostname="bank.example"' 'fwdsrv="up"'
for role in control keys lookup; do
	for p in $(role_pids "$role"); do
		! python3 "$here/findmem.py" "$p" s3cret-of-the-parent ||
		    fail "the password is in wad-$role"
	done
done
out=$(ctl show web-proxy forward-server)
hasnt "$out" "s3cret" "show"

out=$(ctl diagnose wad explain "$LAB_CLIENT4" github.com interface explicit-web)
has "$out" "policy *: 1, accept \\(proxy-policy\\)" "explain"
has "$out" "next proxy *: up" "explain"

# url-match comes before the policy; one without a proxy is direct.
conf <<'C'
config web-proxy url-match
edit "other"
set url-pattern "rsa.example"
set forward-server "open"
next
edit "direct"
set url-pattern "plain.example/head"
next
end
C
: >"$LAB/up.log"
pcurl -o /dev/null https://rsa.example/ || fail "url-match"
has "$(cat "$LAB/open.log")" "CONNECT rsa.example:443 HTTP/1.1 auth=False" \
    "url-match"
pcurl -o /dev/null http://plain.example/headers || fail "direct"
lab_wait 5 nofwd || fail "a direct one has no fwdsrv"
pcurl -o /dev/null http://plain.example/ || fail "another path"
has "$(cat "$LAB/up.log")" "GET http://plain.example/ " "another path"
hasnt "$(cat "$LAB/up.log")" "headers" "direct"

# One that is down: blocked, or passed by; a group has another one.
conf <<'C'
config firewall proxy-policy
edit 1
set webproxy-forward-server "gone"
end
C
out=$(pcurl -o "$LAB/page" -w '%{http_code}' http://plain.example/ 2>&1)
has "$out" "502" "down"
has "$(ctl diagnose wad webproxy forward-server)" \
    "name=gone addr=10.9.11.100:3199 sessions=0 state=down again=" "the list"
out=$(pcurl -o /dev/null -w '%{http_connect}' https://github.com/ 2>&1)
has "$out" "502" "down"
conf <<'C'
config firewall proxy-policy
edit 1
set webproxy-forward-server "gone-pass"
end
C
out=$(pcurl https://github.com/) || fail "passed by"
hasnt "$out" "client=$LAB_ORIGIN4" "direct"
conf <<'C'
config firewall proxy-policy
edit 1
set webproxy-forward-server "both"
end
C
: >"$LAB/open.log"
for i in 1 2 3; do
	pcurl -o /dev/null "https://github.com/$i" || fail "group $i"
done
[ "$(grep -c "CONNECT github.com" "$LAB/open.log")" = 3 ] || fail "the group"

# What the parent refuses is told as such.
conf <<'C'
config web-proxy forward-server
edit "up"
set password "wrong"
next
end
config firewall proxy-policy
edit 1
set webproxy-forward-server "up"
end
C
out=$(pcurl -o /dev/null -w '%{http_connect}' https://github.com/ 2>&1)
has "$out" "502" "a wrong password"
exit 0
