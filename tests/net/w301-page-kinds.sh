#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which page follows from what: certificates, URL filter, policy, errors of
# the gateway; the pages of a policy's group; block-page-status-code.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config system replacemsg-group
    edit "plain"
        config http
            edit "https-untrusted-cert-block"
                set format text
                set buffer "Untrusted: %%HOSTNAME%% (%%CODE%%)
"
            next
        end
    next
end
config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        config https
            set untrusted-server-cert block
            set sni-server-cert-check strict
        end
    next
end
config firewall profile-protocol-options
    edit "gone"
        config http
            set block-page-status-code 451
        end
    next
end
config firewall policy
    edit 11
        set replacemsg-override-group "plain"
        set profile-protocol-options "gone"
    next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
accept='Accept: text/html'
proxy=http://$LAB_LAN4:8080

page()	# NAME TITLE CODE: the page of a name, transparent
{
	out=$(lab_curl -i -H "$accept" "https://$1/") || fail "$1: $out"
	has "$out" "^HTTP/1.1 $3 " "$1: status"
	has "$out" "$2" "$1: page"
	has "$out" "$1" "$1: site"
}
page bet.example 'This site is blocked' 403
page expired.example 'The certificate of this site is out of date' 451
page wrong.example 'This is not the site that you asked for' 451
page untrusted.example '^Untrusted: untrusted.example \(cert-untrusted\)' 451
has "$out" '^Content-Type: text/plain' "text page"
out=$(lab_curl -i -H "$accept" -H 'Accept-Language: fr' https://expired.example/)
has "$out" 'expired-server-cert|has expired' "exactly, for the help desk"

# The explicit proxy: DNS, a server that is not there, one that says nothing.
pcurl()
{
	lab_in c curl -sS -i --max-time 20 -H "$accept" -x "$proxy" "$@" 2>&1
}
out=$(pcurl http://nowhere.example/)
has "$out" '^HTTP/1.1 502 Bad Gateway' "DNS"
has "$out" 'The site was not found' "DNS"
out=$(pcurl "http://plain.example:81/x?q=secret")
has "$out" '^HTTP/1.1 502' "refused"
has "$out" 'The site refuses connections' "refused"
hasnt "$out" 'secret' "query"
out=$(pcurl http://127.0.0.1/)
has "$out" '^HTTP/1.1 403' "forbidden"
has "$out" 'This connection is not allowed' "forbidden"
has "$out" 'policy-deny' "forbidden"
out=$(pcurl https://bet.example/)
has "$out" '^HTTP/1.1 403' "CONNECT"
has "$out" '^Content-Length: [1-9]' "CONNECT"

# A request with a body gets its page, too.
head -c 300000 /dev/zero >"$LAB/zeroes"
out=$(lab_curl -H "$accept" --data-binary @"$LAB/zeroes" https://bet.example/)
has "$out" 'This site is blocked' "POST"

# Told to say less, the proxy says the status alone.
# shellcheck disable=SC2119
ctl >/dev/null <<'E'
config web-proxy explicit
    set message-upon-server-error disable
    set https-replacement-message disable
end
E
# shellcheck disable=SC2317
less()
{
	out=$(pcurl http://nowhere.example/)
	grep -q '^HTTP/1.1 502' <<<"$out" &&
	    grep -q '^Content-Length: 0' <<<"$out"
}
lab_wait 5 less || fail "message-upon-server-error: $out"
out=$(pcurl https://bet.example/)
has "$out" '^HTTP/1.1 403' "CONNECT"
has "$out" '^Content-Length: 0' "https-replacement-message"
out=$(pcurl http://127.0.0.1/)
has "$out" 'This connection is not allowed' "a rule is told nevertheless"
exit 0
