#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The web filter on each request of inspected connections, HTTP/1.1 and
# HTTP/2: paths, hosts that are not the connection's, other rules, what the
# origin is sent, records and debug lines.  With WEB_PROXY=1 all of it goes
# through the explicit proxy (w002).
# shellcheck disable=SC2034
LAB_EXPLICIT=${WEB_PROXY:-}
LAB_EXTRA="config webfilter urlfilter
edit 7
set name lab-urls
config entries
edit 1
set url github.com/bad
set action block
next
edit 2
set url bet.example/free
set action exempt
next
edit 3
set url github.com/seen
set action monitor
next
edit 4
set url github.com/from
set referrer-host evil.example
set action block
next
end
next
end
config webfilter profile
edit web-filter-test
set extended-log enable
set options wf-referer
config web
set urlfilter-table 7
set safe-search url
set youtube-restrict strict
set log-search enable
set keyword-match tiger
end
config ftgd-wf
set options error-allow redir-block
end
next
end
config web-proxy profile
edit headers
set header-via-request add
set header-x-forwarded-for add
set header-client-ip remove
next
end
config firewall policy
edit 11
set webproxy-profile headers
next
end"
[ -z "$LAB_EXPLICIT" ] || LAB_EXTRA+="
config firewall proxy-policy
edit 1
set webproxy-profile headers
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
LAB_SERVERS+=" www.google.com www.youtube.com front.example"
net_start
log=$LAB/run/log/openwad.log

# The origin says what it was sent; front.example's certificate is for another
# name, too.
lab_leaf front.example issuing 90 front.example,www.bank.example
cat >>"$LAB/www.inc" <<'E'
location /said {
	default_type text/plain;
	add_header Alt-Svc 'h3=":443"; ma=86400' always;
	add_header X-Kept yes;
	return 200 "said=$request_uri host=$host xff=$http_x_forwarded_for via=$http_via client=$http_client_ip range=$http_range yt=$http_youtube_restrict\n";
}
location /search {
	default_type text/plain;
	return 200 "said=$request_uri\n";
}
location /to { return 302 https://bet.example/; }
E
sed -i 's/:443 ssl\|listen 443 ssl/& http2/' "$LAB/nginx.conf"
lab_origin_reload || fail "the origin does not reload"
if [ -n "$LAB_EXPLICIT" ]; then
	echo "$LAB_ORIGIN4 a.wild.example" >>"$LAB/hosts"
	kill -HUP "$(cat "$LAB/dnsmasq.pid")"
fi

web()	# ARGUMENTS of curl
{
	if [ -n "$LAB_EXPLICIT" ]; then
		lab_in c curl -sS --max-time 20 \
		    --cacert "$LAB/pki/$LAB_CA.crt" \
		    -x "http://$LAB_LAN4:8080" "$version" "$@"
	else
		lab_curl "$version" "$@"
	fi
}

config()	# LINE...: one block
{
	printf '%s\n' "$@" | lab_ctl >/dev/null || fail "config: $*"
}

fronting()	# HOW
{
	config "config firewall profile-protocol-options" "edit default" \
	    "config http" "set domain-fronting $1" "end" "next" "end"
}

# ARGUMENTS of curl: codes of all its answers, and how many connections it made
codes()
{
	web -o /dev/null -w '%{http_code} ' "$@"
}

is()	# GOT WANTED WHAT
{
	[ "$1" = "$2" ] || fail "$version $3: '$1', not '$2'"
}

cases()
{
	local out

	is "$(web -o /dev/null -w '%{http_version}' https://github.com/)" \
	    "${version#--http}" "version"
	# Paths on one connection, blocked ones between others.
	out=$(web -o /dev/null -o /dev/null -o /dev/null -o /dev/null \
	    -w '%{http_code}/%{num_connects} ' https://github.com/ \
	    https://github.com/bad/x https://github.com/seen \
	    https://github.com/%62ad/)
	is "$out" "200/1 403/0 200/0 403/0 " "paths on one connection"
	out=$(web https://github.com/bad/x)
	hasnt "$out" "host=" "the origin answered a blocked path"
	is "$(codes https://github.com/from)" "200 " "without a referer"
	is "$(codes -e https://evil.example/x https://github.com/from)" \
	    "403 " "referrer-host"
	is "$(codes -e https://bet.example/x https://github.com/said)" \
	    "403 " "wf-referer"
	is "$(codes https://github.com/to)" "403 " "redir-block"

	# Hosts that are not the connection's.
	fronting block
	is "$(codes -H 'Host: example.com' https://github.com/)" "403 " \
	    "fronting: block"
	is "$(codes -H 'Host: b.wild.example' https://a.wild.example/said)" \
	    "200 " "a name of the same certificate"
	is "$(codes -H 'Host: www.bank.example' https://front.example/)" \
	    "421 " "an exempt name of the same certificate"
	fronting strict
	is "$(codes -H 'Host: example.com' https://github.com/)" "403 " \
	    "fronting: strict"
	is "$(codes -H 'Host: b.wild.example' https://a.wild.example/)" \
	    "421 " "strict: a name of the same certificate"
	is "$(codes https://a.wild.example/)" "200 " "strict: its own name"
	fronting monitor
	is "$(codes -H 'Host: example.com' https://github.com/)" "200 " \
	    "fronting: monitor"
	is "$(codes -H 'Host: bet.example' https://github.com/)" "403 " \
	    "fronting: monitor, a blocked name"
	fronting allow
	is "$(codes -H 'Host: example.com' https://github.com/)" "200 " \
	    "fronting: allow"
	is "$(codes -H 'Host: bet.example' https://github.com/)" "403 " \
	    "fronting: allow, a blocked name"
	is "$(codes -H 'Host: bet.example' https://github.com/free)" "200 " \
	    "fronting: allow, an exempt path"

	# What the origin and the client are sent.
	out=$(web -i -H 'Client-IP: 9.9.9.9' -H 'X-Forwarded-For: 1.2.3.4' \
	    -r 5- 'https://github.com/said?a=%7A&&b')
	hasnt "$out" "[Aa]lt-[Ss]vc" "$version Alt-Svc"
	has "$out" "[Xx]-[Kk]ept: yes" "$version another header"
	has "$out" 'said=/said\?a=%7A&&b ' "$version a query as it was"
	has "$out" "xff=1.2.3.4, $LAB_CLIENT4 via=(1.1|2) openwad-[0-9a-f]+ client= range=bytes=5- yt=$" \
	    "$version web-proxy profile"
	out=$(web 'https://www.google.com/search?safe=off&q=big+cat')
	is "$out" "said=/search?q=big+cat&safe=active" "safe search"
	out=$(web https://www.youtube.com/said)
	has "$out" "yt=Strict$" "$version youtube-restrict"
	out=$(web https://www.google.com/said)
	has "$out" "yt=$" "$version no search, no change"
}

for version in --http1.1 --http2; do
	cases
done

# Without TLS: the same, and hosts are free to differ.
version=--http1.1
out=$(web -o /dev/null -o /dev/null -o /dev/null \
    -w '%{http_code}/%{num_connects} ' http://github.com/plain \
    http://github.com/bad/plain http://github.com/plain)
is "$out" "200/1 403/0 200/0 " "plain HTTP"
is "$(codes http://bet.example/)" "403 " "plain HTTP: a category"
is "$(codes http://bet.example/free)" "200 " "plain HTTP: an exempt path"
out=$(web -i http://www.google.com/search?q=a)
has "$out" "said=/search\?q=a&safe=active" "plain HTTP: safe search"
hasnt "$(web -i http://github.com/said)" "[Aa]lt-[Ss]vc" "plain HTTP: Alt-Svc"
record 0315012544 'service="HTTP" hostname="github.com"' 'url="/bad/plain"' \
    'statuscode=403'
record 0317013312 'service="HTTP" hostname="github.com"' 'url="/plain"'

# ---- records
asked="httpmethod=\"GET\" statuscode"
record 0315012544 'eventtype="urlfilter" level="warning"' \
    "hostname=\"github.com\" profile=\"web-filter-test\" action=\"blocked\" reqtype=\"direct\" url=\"/bad/x\" agent=\"curl/[0-9.]+\" $asked=403 sentbyte=[0-9]+ rcvdbyte=[0-9]+ direction=\"outgoing\" msg=\"[^\"]+\" method=\"domain\" cat=52 catdesc=\"[^\"]+\" urlfilteridx=1 urlfilterlist=\"lab-urls\" urlsource=\"Local URLfilter Block\" crscore=30 craction=8 crlevel=\"high\""
record 0315012546 'url="/seen"' 'action="passthrough"' "$asked=200" \
    'urlfilteridx=3'
record 0315012545 'hostname="bet.example"' 'url="/free"' 'action="exempted"'
record 0316013056 'hostname="bet.example"' 'cat=11 catdesc="Gambling"' \
    "$asked=403"
record 0317013312 'hostname="github.com"' 'url="/said"' "$asked=206|$asked=200"
record 0315012544 'url="/from"' 'reqtype="referral"' \
    'referralurl="https://evil.example/x"' 'urlfilteridx=4'
record 0313013584 'url="/said"' 'action="blocked"' "$asked=403"
record 0317013318 'eventtype="domain-fronting" level="warning"' \
    'hostname="example.com"' 'action="blocked"' 'sni="github.com"'
record 0317013318 'hostname="example.com"' 'action="passthrough"'
record 0317013318 'hostname="b.wild.example"' "$asked=421"
record 0303012293 'hostname="www.google.com"' 'keyword="big cat"'
hasnt "$(cat "$log")" 'safe=off|%7A' "what stands behind a question mark"
# One request, one record; the session says that something was blocked.
n=$(grep -c 'url="/seen"' "$log")
[ "$n" -eq 2 ] || fail "$n records of two requests for /seen"
record 0000000013 'hostname="github.com"' \
    'utmaction="block" countweb=4'

# ---- other settings
version=--http1.1
config "config webfilter profile" "edit web-filter-test" \
    "set post-action block" "set options cookiefilter" "next" "end" \
    "config firewall profile-protocol-options" "edit default" "config http" \
    "set range-block enable" "set block-page-status-code 451" \
    "set switching-protocols block" "end" "next" "end"
is "$(codes -d x=y https://github.com/said)" "451 " "post-action block"
web -b id=1 -o /dev/null https://github.com/said
record 0313013573 'action="filtered"' 'url="/said"'
is "$(codes -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    https://github.com/socket)" "451 " "switching-protocols block"
record 0313013584 'url="/socket"' 'action="blocked"' \
    'msg="a change to another protocol'
out=$(web -r 5- https://github.com/said)
has "$out" "range= " "range-block"
web -o /dev/null 'https://www.google.com/search?q=a+Tiger'
record 0303012292 'keyword="tiger"'

# ---- the console
lab_debug_start "$LAB/debug"
web -o /dev/null -H 'Cookie: id=lion' -H 'X-Token: lynx' -o /dev/null \
    'https://github.com/said?word=puma' https://github.com/bad
lab_debug_stop
out=$(cat "$LAB/debug")
line='\[I\].*\[s:[0-9]+\]\[r:[0-9]+\] '
has "$out" "${line}wad_dump_http_request +:[0-9]+ hreq=0x[0-9a-f]+ Received request from client: $LAB_CLIENT4:" "debug"
has "$out" "${line}wad_dump_http_request +:[0-9]+ GET /said\?\*\*\* HTTP/1.1" "debug"
has "$out" "${line}.* Cookie: \*\*\*" "debug"
has "$out" "${line}wad_send_url_request_new.*url='github.com'\[[0-9a-f.:]+\] from=$LAB_CLIENT4 url-src=HTTP cate=255" "debug"
has "$out" "${line}wad_dump_http_resp +:[0-9]+ HTTP/1.1 200 OK" "debug"
has "$out" "${line}__wad_http_build_replmsg_resp *:[0-9]+ Generating replacement message. 451 error" "debug"
hasnt "$out" "lion|lynx|puma" "secrets in debug lines"

# ---- explain
out=$(ctl diagnose wad explain "$LAB_CLIENT4" "https://github.com/bad/x" \
    interface lan)
has "$out" "url filter *: entry 1 of list 7 'lab-urls': github.com/bad \(block\)" \
    "explain"
has "$out" "action *: block: by the URL filter list" "explain"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" "github.com:443/" interface lan)
has "$out" "url filter *: no entry matches" "explain"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" "http://github.com/bad/x" \
    interface lan)
has "$out" "inspection *: each request of plain HTTP .*port 80" "explain"
has "$out" "result *: passed on, request by request" "explain"
has "$out" "action *: block: by the URL filter list" "explain"
hasnt "$out" "certificate|not seen" "explain of plain HTTP"
exit 0
