#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# HTTP/2 inside of TLS: curl, nghttp and h2load against nghttpd and nginx, in
# both directions, with trailers; the protocol is the one that the origin chose
# among those of the client; a page over HTTP/2 for who speaks nothing else.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9443 9444 9445
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need nghttpd nghttp h2load
python_with h2
net_start
rv=0
bad()
{
	echo "BAD: $*"
	rv=1
}
p=$LAB/pki/github.com
lab_spawn o nghttpd nghttpd -a "$LAB_ORIGIN4" -d "$LAB/www" \
    --trailer "x-sum: 42" --echo-upload --padding 255 9443 "$p.key" "$p.crt"
cat >"$LAB/h2.conf" <<-E
	user root;
	worker_processes 1;
	pid $LAB/nginx2.pidfile;
	error_log $LAB/nginx2-error.log;
	daemon off;
	events { worker_connections 4096; }
	http {
	access_log $LAB/nginx2-access.log;
	client_body_temp_path $LAB/tmp;
	proxy_temp_path $LAB/tmp;
	fastcgi_temp_path $LAB/tmp;
	uwsgi_temp_path $LAB/tmp;
	scgi_temp_path $LAB/tmp;
	client_max_body_size 0;
	keepalive_requests 100000;
	ssl_certificate $p.crt;
	ssl_certificate_key $p.key;
	server { listen $LAB_ORIGIN4:9444 ssl http2; root $LAB/www;
	location = /is { return 200 "\$server_protocol\n"; } }
	server { listen $LAB_ORIGIN4:9445 ssl; root $LAB/www;
	location = /is { return 200 "\$server_protocol\n"; } }
	}
E
lab_spawn o nginx2 nginx -p "$LAB" -c "$LAB/h2.conf" \
    -e "$LAB/nginx2-error.log"
origin_on 9443 9444 9445
get()	# PORT PATH [options]
{
	local port=$1 path=$2

	shift 2
	lab_in c curl -sS --max-time 30 --cacert "$LAB/pki/$LAB_CA.crt" \
	    --resolve "*:$port:$LAB_ORIGIN4" "$@" \
	    "https://github.com:$port$path"
}

# ---- the protocol -----------------------------------------------------------
v()	# PORT [options]
{
	get "$@" -o "$LAB/got" -w '%{http_version} %{http_code}'
}
[ "$(v 9444 /is --http2)" = "2 200" ] || bad "h2 at both: $(v 9444 /is)"
[ "$(cat "$LAB/got")" = HTTP/2.0 ] || bad "nginx: $(cat "$LAB/got")"
[ "$(v 9444 /is --http1.1)" = "1.1 200" ] || bad "client with http/1.1"
[ "$(v 9445 /is --http2)" = "1.1 200" ] || bad "origin with http/1.1"
[ "$(cat "$LAB/got")" = HTTP/1.1 ] || bad "nginx: $(cat "$LAB/got")"
[ "$(v 9444 /is --http2 --tls-max 1.2)" = "2 200" ] || bad "TLS 1.2"
# resumed by the client and with the server, each protocol after the other
for i in 1 2; do
	[ "$(v 9444 /is --http2)" = "2 200" ] || bad "h2, time $i"
	[ "$(v 9444 /is --http1.1)" = "1.1 200" ] || bad "http/1.1, time $i"
done

# ---- bodies -----------------------------------------------------------------
for port in 9443 9444; do
	get $port /big --http2 | cmp - "$LAB/www/big" ||
	    bad "$port: 20 MB changed on the way"
done
get 9443 /echo --http2 --data-binary "@$LAB/www/big" -H "Expect:" |
    cmp - "$LAB/www/big" || bad "20 MB both ways changed"
lab_in c timeout 30 nghttp -y --padding=255 -d "$LAB/www/big" \
    "https://$LAB_ORIGIN4:9443/echo" 2>/dev/null | cmp - "$LAB/www/big" ||
    bad "20 MB with padding changed"
out=$(lab_in c nghttp -nvy "https://$LAB_ORIGIN4:9443/small")
has "$out" "x-sum: 42" "trailer"
get 9443 /small --http2 -I | grep -q '^HTTP/2 200' || bad "HEAD"

# ---- many streams -----------------------------------------------------------
out=$(lab_in c h2load -n 3000 -c 10 -m 100 \
    --connect-to="$LAB_ORIGIN4:9444" https://github.com:9444/small)
has "$out" "3000 succeeded, 0 failed, 0 errored" "h2load"
out=$(lab_in c nghttp -ns "https://$LAB_ORIGIN4:9443/small" \
    "https://$LAB_ORIGIN4:9443/big" "https://$LAB_ORIGIN4:9443/none")
has "$out" "200.*/small" "nghttp"
has "$out" "404.*/none" "nghttp, not found"

# ---- pages ------------------------------------------------------------------
out=$(lab_curl -i --http2 https://bet.example/)
has "$out" "^HTTP/1.1 403" "page for who speaks both"
lab_in c "$python" "$here/h2page.py" "$LAB_ORIGIN4" bet.example \
    "$LAB/pki/$LAB_CA.crt" >"$LAB/page" || bad "no page over h2"
has "$(cat "$LAB/page")" "^:status: 403" "page over h2"
has "$(cat "$LAB/page")" "bet.example" "page over h2 names the site"

ctl diagnose wad stats >"$LAB/stats"
grep -qE 'h2_sessions = [1-9]' "$LAB/stats" || bad "no sessions are counted"
exit $rv
