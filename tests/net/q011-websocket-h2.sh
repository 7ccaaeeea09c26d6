#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# WebSocket over HTTP/2 (RFC 8441): offered where the origin offers it, many on
# one connection beside requests, resets both ways, judged by the URL filter.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set ports 443 9443 9444
        end
    next
end
config webfilter urlfilter
    edit 1
        config entries
            edit 1
                set url "github.com/ws/blocked"
                set action block
            next
        end
    next
end
config webfilter profile
    edit "web-filter-test"
        config web
            set urlfilter-table 1
        end
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need node nghttpd
net_start
p=$LAB/pki/github.com
mkdir "$LAB/results"
lab_spawn o origin node "$here/browserorigin.js" "$LAB/pki" "$LAB/results" \
    9443 9445 9080
lab_spawn o nghttpd nghttpd -a "$LAB_ORIGIN4" -d "$LAB/www" 9444 \
    "$p.key" "$p.crt"
lab_wait 10 grep -q ready "$LAB/origin.out" || fail "no origin"
ask()	# PORT [no]
{
	lab_in c timeout 60 node "$here/websocketh2.js" "$LAB_ORIGIN4" "$1" \
	    github.com "$LAB/pki/$LAB_CA.crt" "${@:2}"
}
ask 9443 || fail "see above"
ask 9444 no || fail "offered although the origin does not"
record 0315012544 'url="/ws/blocked"' 'action="blocked"' 'httpmethod="CONNECT"'
exit 0
