#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A category with warnings: the page, its button by its real fields, what does
# not count as pressing it, and what holds afterwards: in both workers, for
# this client and this category only, for as long as it says.
# shellcheck disable=SC2034
LAB_WORKERS=2 LAB_EXPLICIT=${WARN_PROXY:-} NET_KILLS=1
LAB_EXTRA="config webfilter profile
edit web-filter-test
config ftgd-wf
config filters
edit 41
set category 52
set action warning
set warn-duration 1m
next
edit 42
set category 31
set action authenticate
set auth-usr-grp staff
next
end
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

# curl of a page, as a browser asks for it
wcurl()
{
	if [ -n "${WARN_PROXY:-}" ]; then
		lab_in c curl -sS --max-time 20 -g \
		    --cacert "$LAB/pki/$LAB_CA.crt" \
		    -x "http://$LAB_LAN4:8080" "$@"
	else
		lab_curl "$@"
	fi
}
page()	# URL [options]
{
	wcurl -i -H "Accept: text/html,*/*;q=0.8" "$@"
}
button()	# PAGE: the form's own action
{
	sed -n 's/.*<form method="post" action="\([^"]*\)".*/\1/p' <<<"$1"
}
press()	# SITE ACTION [options]; from=ORIGIN
{
	wcurl -i -X POST -H "Origin: ${from:-$1}" -H "Accept: text/html" \
	    -d token= "$1$2" "${@:3}"
}
# a proxy says it before there is a connection
blocked=403
[ -z "${WARN_PROXY:-}" ] || blocked=000
statuses()	# URL: of ten connections, sorted
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		page "$1" -o /dev/null -w '%{http_code}\n'
	done | sort | uniq -c | tr -s ' \n' ' '
}

# The page: its button, no way to cache it or to put it into a frame.
url="https://github.com/a/b?c=%20d&e=f"
out=$(page "$url") || fail "no page: $out"
has "$out" "^HTTP/(1.1|2) 403" "status of the warning"
has "$out" "[Cc]ache-[Cc]ontrol: no-store" "never cached"
has "$out" "frame-ancestors 'none'" "not in a frame"
has "$out" "form-action 'self'" "the button works"
has "$out" "[Rr]eferrer-[Pp]olicy: same-origin" "the browser says Origin"
hasnt "$out" "client=" "the origin's answer"
act=$(button "$out")
[ -n "$act" ] || fail "no button in: $out"
[ "$(issuer_of github.com)" = "$LAB_CA" ] || [ -n "${WARN_PROXY:-}" ] ||
    fail "page under another CA"
record 0316013057 'hostname="github.com"' 'action="blocked"'

out=$(page http://github.com/)
[ -n "$(button "$out")" ] || fail "no button over plain HTTP: $out"

# What nobody looks at gets no button.
for h in "Sec-Fetch-Dest: iframe" \
    "Sec-Fetch-Dest: script" "Sec-Purpose: prefetch" "Purpose: prefetch"; do
	out=$(page "$url" -H "$h")
	has "$out" "^HTTP/(1.1|2) 403" "$h"
	[ -z "$(button "$out")" ] || fail "a button for $h"
done
out=$(wcurl -i "$url" -H "Accept: image/png")
hasnt "$out" "<html" "a page for an image"

# Presses that do not count.
bad()	# WHAT STATUS OUTPUT
{
	has "$3" "^HTTP/(1.1|2) $2" "$1"
	[ "$(statuses https://github.com/)" = " 10 403 " ] ||
	    fail "$1: it opened the site"
}
bad "another site's form" 403 \
    "$(from=https://evil.example press https://github.com "$act")"
bad "no word of where it comes from" 403 \
    "$(wcurl -i -X POST -d token= "https://github.com$act")"
bad "an opaque origin" 403 \
    "$(from=null press https://github.com "$act")"
bad "cross-site by Fetch Metadata" 403 \
    "$(press https://github.com "$act" -H "Sec-Fetch-Site: cross-site")"
bad "a script" 403 \
    "$(press https://github.com "$act" -H "Sec-Fetch-Site: same-origin" \
    -H "Sec-Fetch-Dest: empty")"
bad "GET" 405 "$(page "https://github.com$act")"
bad "another token" 403 "$(press https://github.com "${act%?}0")"
bad "none" 403 "$(press https://github.com "${act%%\?*}")"
bad "on another site" 403 "$(press https://example.com "$act")"
# another client: the origin's side has no way in, so a second address
lab_in c ip addr add 10.20.10.77/24 dev eth0
out=$(press https://github.com "$act" --interface 10.20.10.77)
bad "another client" 403 "$out"

# wad-control does not answer: neither does the button, and clients that leave
# meanwhile do no harm.
kill -STOP "$(role_pids control)"
press https://github.com "$act" --max-time 1 >/dev/null 2>&1
out=$(press https://github.com "$act")
has "$out" "^HTTP/(1.1|2) 503" "wad-control is silent"
kill -CONT "$(role_pids control)"
lab_wait 3 eval "lab_ctl diagnose wad warning list | grep -q 10.20.10.2"
ctl diagnose wad warning clear >/dev/null
[ "$(statuses https://github.com/)" = " 10 403 " ] || fail "cleared"

# A button pressed.
out=$(press https://github.com "$act") || fail "the button: $out"
has "$out" "^HTTP/(1.1|2) 303" "status of the button"
has "$out" "[Ll]ocation: https://github.com/a/b\?c=%20d&e=f.?$" "the way back"
[ "$(statuses https://github.com/)" = " 10 200 " ] ||
    fail "not known in both workers: $(statuses https://github.com/)"
[ "$(statuses https://example.com/)" = " 10 200 " ] ||
    fail "another site of the category"
out=$(wcurl -o /dev/null -w '%{http_code}' https://github.com/file/x \
    -H "Accept: image/png")
[ "$out" != 403 ] || fail "an image of the page"
record 0317013312 'hostname="github.com"' 'action="passthrough"'
out=$(page https://github.com/ --interface 10.20.10.77)
has "$out" "^HTTP/(1.1|2) 403" "another client has no grant"
[ "$(statuses https://bet.example/ 2>/dev/null)" = \
    " 10 $blocked " ] || fail "a blocked category"

! grep -q "${act#*\?}" "$LAB/run/log/openwad.log" || fail "a token in the log"

# Who must sign in cannot click.
out=$(page https://bank.example/)
has "$out" "^HTTP/(1.1|2) 403" "authenticate"
[ -z "$(button "$out")" ] || fail "a button where a sign-in is needed"

out=$(ctl diagnose wad warning list)
has "$out" "10.20.10.2 .* Information Technology.*web-filter-test" "list"

# Killed processes: the others know.
worker=$(role_pids worker | head -n 1)
kill -9 "$worker"
# shellcheck disable=SC2317	# lab_wait calls it
another()	# ROLE PID COUNT: so many again, and it is none of them
{
	! role_pids "$1" | grep -qx "$2" &&
	    [ "$(role_pids "$1" | wc -l)" -eq "$3" ]
}
# shellcheck disable=SC2317
all_open()
{
	[ "$(statuses https://github.com/)" = " 10 200 " ]
}
lab_wait 5 another worker "$worker" 2 || fail "no new worker"
lab_wait 5 all_open || fail "a worker died"
control=$(role_pids control)
kill -9 "$control"
lab_wait 5 another control "$control" 1 || fail "no new wad-control"
lab_wait 5 eval "lab_ctl diagnose wad warning list | grep -q 10.20.10.2" ||
    fail "wad-control forgot: $(lab_ctl diagnose wad warning list)"
[ "$(statuses https://github.com/)" = " 10 200 " ] || fail "control died"

# Cleared.
out=$(ctl diagnose wad warning clear client 10.20.10.2)
has "$out" "1 cleared" "clear"
[ "$(statuses https://github.com/)" = " 10 403 " ] || fail "still open"

# A grant ends with the entry that it was for.
out=$(page https://github.com/)
out=$(press https://github.com "$(button "$out")")
has "$out" " 303" "pressed again"
[ "$(statuses https://github.com/)" = " 10 200 " ] || fail "pressed again"
sed -i 's/set warn-duration 1m/set warn-duration 2m/' "$LAB/openwad.conf"
ctl execute reload >/dev/null
[ "$(statuses https://github.com/)" = " 10 403 " ] || fail "the entry changed"
exit 0
