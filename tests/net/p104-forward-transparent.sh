#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Transparent connections through a parent proxy, and tunnels in tunnels: what
# the parent gets, what the server behind its tunnel does not, and TLS that is
# inspected wherever a CONNECT leads.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config web-proxy forward-server
    edit "up"
        set ip 10.9.11.100
        set port 3128
        set username "gate"
        set password "s3cret"
    next
end
config web-proxy url-match
    edit "direct"
        set url-pattern "plain.example/headers"
    next
end
config firewall profile-protocol-options
    edit "default"
        config http
            set ports 80 3129 8081
        end
    next
end
config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set ports 443 8081
        end
    next
end
config firewall policy
    edit 11
        set webproxy-forward-server "up"
    next
end
config firewall proxy-policy
    edit 1
        set webproxy-forward-server "up"
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
lab_spawn o up python3 "$here/parent.py" "$LAB_ORIGIN4" 3128 "$LAB/up.log" \
    gate:s3cret
lab_spawn o far python3 "$here/parent.py" "$LAB_ORIGIN4" 3129 "$LAB/far.log"
touch "$LAB/up.log" "$LAB/far.log"
lab_spawn o tls8081 python3 "$here/tlsorigin.py" "$LAB_ORIGIN4" \
    "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key" "$LAB/tls.log" \
    8081:any
for port in 3128 3129 8081; do
	lab_wait 5 lab_in o bash -c "</dev/tcp/$LAB_ORIGIN4/$port" ||
	    fail "parent $port"
done

get()
{
	lab_in c curl -4 -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" "$@"
}

# Transparent: TLS in a tunnel of the parent's, plain requests as whole URIs.
out=$(get -v https://github.com/headers 2>&1) || fail "TLS: $out"
has "$out" "issuer:.*$LAB_CA" "inspected"
has "$out" "auth= line=GET /headers HTTP" "nothing of the parent's"
out=$(get --http1.1 https://github.com/headers) || fail "HTTP/1.1: $out"
has "$out" "auth= line=GET /headers HTTP/1.1" "nothing of the parent's"
out=$(get http://plain.example/) || fail "plain: $out"
has "$out" "client=$LAB_ORIGIN4" "it came from the parent"
out=$(cat "$LAB/up.log")
has "$out" "^CONNECT $LAB_ORIGIN4:443 HTTP/1.1 auth=True" "tunnel"
has "$out" "^GET http://plain.example/ HTTP/1.1 auth=True" "whole URI"
out=$(get -o /dev/null -w '%{http_code}' https://bet.example/ 2>&1)
has "$out" "403" "a blocked name"

# The explicit proxy: requests without TLS inside of CONNECT, TLS on port 80.
proxy=http://$LAB_LAN4:8080
: >"$LAB/up.log"
out=$(get -x "$proxy" -p http://github.com/headers) || fail "tunnel: $out"
has "$out" "auth= line=GET /headers HTTP/1.1" "nothing of the parent's"
has "$(cat "$LAB/up.log")" "^CONNECT github.com:80 HTTP/1.1 auth=True" \
    "a tunnel of the parent's"
out=$(get -v -x "$proxy" https://github.com:8081/ 2>&1) ||
    fail "TLS on a port of HTTP: $out"
has "$out" "issuer:.*$LAB_CA" "inspected"

# Each request of a kept connection takes the way that its path has.
: >"$LAB/up.log"
out=$(get -v -x "$proxy" http://plain.example/headers http://plain.example/ \
    http://plain.example/headers 2>&1) || fail "kept: $out"
has "$out" "Re-using existing connection" "one connection"
[ "$(cat "$LAB/up.log")" = \
    "GET http://plain.example/ HTTP/1.1 auth=True" ] ||
    fail "url-match on a kept connection: $(cat "$LAB/up.log")"

# A client that speaks to a proxy far away, without TLS: what that grants is
# inspected as if it had been asked of us.
lab_ctl >/dev/null <<'C' || fail "configured"
config firewall policy
edit 11
unset webproxy-forward-server
end
C
far=http://$LAB_ORIGIN4:3129
out=$(get -v -x "$far" https://github.com/headers 2>&1) ||
    fail "TLS in CONNECT in plain HTTP: $out"
has "$out" "issuer:.*$LAB_CA" "inspected inside"
has "$out" "auth= line=GET /headers HTTP" "answered"
out=$(get -o /dev/null -w '%{http_code}' -x "$far" https://bet.example/ 2>&1)
has "$out" "403" "a blocked name inside"
out=$(get -x "$far" -p http://plain.example/headers) ||
    fail "plain HTTP in CONNECT in plain HTTP: $out"
has "$out" "line=GET /headers HTTP/1.1" "answered"
out=$(cat "$LAB/far.log")
has "$out" "^CONNECT github.com:443 HTTP/1.1 auth=False" "the client's CONNECT"
exit 0
