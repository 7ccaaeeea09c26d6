#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Settings of the web filter and of protocol options that change what is
# rated, where, and how much a request may say: rate-server-ip,
# connect-request-bypass, address-ip-rating, inspect-all, max-request-length,
# web-url-log.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config webfilter ftgd-local-rating
    edit "10.9.11.100"
        set rating 11
    next
end
config webfilter urlfilter
    edit 7
        set name lab-urls
        config entries
            edit 1
                set url plain.example/bad
                set action block
            next
        end
    next
end
config webfilter profile
    edit "web-filter-test"
        config web
            set urlfilter-table 7
        end
    next
end
config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set ports 443 8081
        end
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
lab_spawn o plain8081 python3 "$here/plainserver.py" "$LAB_ORIGIN4" 8081
lab_wait 5 lab_in o bash -c "</dev/tcp/$LAB_ORIGIN4/8081" || fail "port 8081"
log=$LAB/run/log/openwad.log

code()	# ARGUMENTS of curl
{
	lab_in c curl -4 -s --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -o /dev/null -w '%{http_connect} %{http_code}' "$@"
}

is()	# WANTED WHAT ARGUMENTS of curl
{
	local got

	got=$(code "${@:3}")
	[ "$got" = "$1" ] || fail "$2: $got, not $1"
}

config()	# LINE...
{
	printf '%s\n' "$@" | lab_ctl >/dev/null || fail "config: $*"
}

ftgd()	# OPTIONS...
{
	config "config webfilter profile" "edit web-filter-test" \
	    "config ftgd-wf" "$*" end next end
}

http()	# SETTING
{
	config "config firewall profile-protocol-options" "edit default" \
	    "config http" "set $1" end next end
}

# The category of the server's address counts only where it is asked for.
is "000 200" "a name whose server is in a blocked category" https://github.com/
ftgd set options rate-server-ip
is "000 403" "rate-server-ip" https://github.com/
ftgd unset options

# A host that is an address.
is "000 403" "an address in a blocked category" "http://$LAB_ORIGIN4/"
http "address-ip-rating disable"
is "000 200" "address-ip-rating disable" "http://$LAB_ORIGIN4/"
is "000 403" "names are rated nevertheless" http://bet.example/
http "address-ip-rating enable"

# CONNECT is judged by its name, or what comes through it.
proxy=http://$LAB_LAN4:8080
is "403 000" "CONNECT to a blocked name" -x "$proxy" https://bet.example/
ftgd set options connect-request-bypass
is "200 403" "connect-request-bypass" -x "$proxy" https://bet.example/
is "200 200" "connect-request-bypass" -x "$proxy" https://github.com/
ftgd unset options

# HTTP where TLS is looked for.
is "000 000" "HTTP on a port of HTTPS" http://plain.example:8081/
http "inspect-all enable"
is "000 403" "inspect-all" http://bet.example:8081/
is "000 200" "inspect-all" http://plain.example:8081/

# The longest request line.
long=http://plain.example/$(printf '%03000d' 0)
for via in "" "-x $proxy"; do
	# shellcheck disable=SC2086
	is "000 200" "3,000 bytes $via" $via "$long"
done
config "config web-proxy global" "set max-request-length 2" end
for via in "" "-x $proxy"; do
	# shellcheck disable=SC2086
	is "000 414" "3,000 bytes of 2,048 $via" $via "$long"
	# shellcheck disable=SC2086
	is "000 200" "a short one $via" $via http://plain.example/
done

# Records of the URL filter have a switch; the block has none.
is "000 403" "a blocked path" http://plain.example/bad/1
config "config webfilter profile" "edit web-filter-test" \
    "set web-url-log disable" next end
is "000 403" "a blocked path" http://plain.example/bad/2
config "config webfilter profile" "edit web-filter-test" \
    "set web-url-log enable" next end
is "000 403" "a blocked path" http://plain.example/bad/3
lab_wait 5 grep -q 'url="/bad/3"' "$log" || fail "web-url-log"
grep -q 'url="/bad/1"' "$log" || fail "web-url-log"
hasnt "$(cat "$log")" 'url="/bad/2"' "web-url-log disable"

# What has no effect is said when it is set.
out=$(printf '%s\n' "config web-proxy global" \
    "set forward-server-affinity-timeout 6" "set log-forward-server enable" \
    end | lab_ctl 2>&1)
has "$out$(cat "$LAB"/*.log 2>/dev/null)" \
    "forward-server-affinity-timeout 6 has no effect" "a warning"
exit 0
