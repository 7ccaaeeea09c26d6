#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Warnings per site, for a short time, for as long as the client is seen; over
# plain HTTP and HTTP/2; and with close-ports, when nobody may go on.
# shellcheck disable=SC2034
LAB_WORKERS=2 LAB_EXTRA="config webfilter profile
edit web-filter-test
config ftgd-wf
config filters
edit 41
set category 52
set action warning
set warn-duration 3s
set warning-prompt per-domain
next
edit 40
set category 11
set action warning
set warn-duration 3s
set warning-duration-type session
next
end
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab
sed -i 's/:443 ssl\|listen 443 ssl/& http2/' "$LAB/nginx.conf"
lab_origin_reload || fail "the origin does not reload"
lab_openwad_start || fail "openwad did not start"

page()	# URL [options]
{
	lab_curl -i -H "Accept: text/html" "$@"
}
status()	# URL [options]
{
	page "$@" -o /dev/null -w '%{http_code}'
}
press()	# SITE/PATH [options]: opens it and presses the button
{
	local act site

	site=${1%%://*}://$(cut -d / -f 3 <<<"$1")
	act=$(page "$@" |
	    sed -n 's/.*<form method="post" action="\([^"]*\)".*/\1/p')
	[ -n "$act" ] || fail "no button: $1"
	lab_curl -X POST -H "Origin: $site" -d token= "$site$act" -o /dev/null \
	    -w '%{http_code} %{redirect_url}' "${@:2}"
}

# per site, and not for ever
[ "$(press https://github.com/x)" = "303 https://github.com/x" ] ||
    fail "the button"
[ "$(status https://github.com/)" = 200 ] || fail "after the button"
[ "$(status https://example.com/)" = 403 ] || fail "another site: one grant"

# as long as the client is seen; meanwhile the other one ends
has "$(press https://bet.example/)" "^303" "type session"
for _ in 1 2 3 4; do
	sleep 1
	[ "$(status https://bet.example/)" = 200 ] || fail "seen, but ended"
done
seen=$SECONDS
[ "$(status https://github.com/)" = 403 ] || fail "it did not end"
ctl diagnose wad warning list | grep -q "session" || fail "list"

# HTTP/2: curl takes it; and a page's connection over which the button is
# pressed at once
has "$(page https://example.com/ | head -n 1)" "^HTTP/2 403" "HTTP/2"
has "$(press https://example.com/z)" "^303 https://example.com/z" "HTTP/2"
[ "$(lab_curl -o /dev/null -w '%{http_version} %{http_code}' \
    https://example.com/)" = "2 200" ] || fail "HTTP/2 after the button"

# plain HTTP
has "$(press http://github.com/y)" "^303 http://github.com/y$" "plain HTTP"
[ "$(status http://github.com/)" = 200 ] || fail "plain HTTP after the button"

# what is not HTTP gets nowhere in such a connection
out=$(printf 'SSH-2.0-x\r\n' | lab_in c timeout 5 openssl s_client -quiet \
    -connect "$LAB_ORIGIN4:443" -servername rsa.example 2>/dev/null)
hasnt "$out" "400 Bad Request" "it reached the origin"

# shellcheck disable=SC2317	# lab_wait calls it
unseen()
{
	[ $((SECONDS - seen)) -ge 5 ]
}
lab_wait 6 unseen
[ "$(status https://bet.example/)" = 403 ] || fail "not seen, but it holds"

cat >>"$LAB/openwad.conf" <<-E
config webfilter fortiguard
    set close-ports enable
end
E
ctl execute reload >/dev/null
out=$(page https://rsa.example/)
has "$out" "^HTTP/[0-9.]+ 403" "close-ports"
hasnt "$out" "<form" "a button with close-ports"
exit 0
