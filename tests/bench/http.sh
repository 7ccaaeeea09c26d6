#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# CPU time of a request on a connection that stays, openwad beside HAProxy and
# nginx in one run of the lab: answers of 1 KiB, the time of all processes of
# each.  They take turns, so that what else the machine does meets all of
# them.  Medians of -r rounds, and how many times openwad's first row.
#
#	http.sh [-o] [-n REQUESTS] [-r ROUNDS] [-m MODES] [-x COMMAND] [BUILDDIR]
#
# Needs root, h2load (Debian package nghttp2-client), haproxy, nginx, curl, and
# bench/bench_catdb (make -C tests bench/bench_catdb).  A round is four
# connections of REQUESTS each (10000).  MODES (default: all):
#
#	h1		TLS on both sides, HTTP/1.1, one after another
#	h2-1 h2-10	TLS, HTTP/2 on both sides (nginx: HTTP/1.1 to the
#			origin), so many at a time
#	plain		HTTP/1.1 without TLS
#	down up		256 MiB from the server and to it, HTTP/1.1 over TLS
#	down2		from the server by HTTP/2
#
# openwad has one policy for each address of the origin: without a web filter;
# with a URL filter of 1,000 entries (a third each simple, wildcard, regex;
# none meets the request), a category filter and a category database of a
# million names; the same with a record for each request (log-all-url).
# -o: openwad only.  -x: runs that instead, in the lab (to trace: $LAB holds
# openwad.pid, `lab_in c COMMAND` is the client).
set -u
count=10000 rounds=5 only=0 modes="h1 h2-1 h2-10 plain down up down2" run=
while getopts n:r:m:x:o o; do
	case $o in
	n) count=$OPTARG ;;
	r) rounds=$OPTARG ;;
	m) modes=$OPTARG ;;
	x) run=$OPTARG ;;
	o) only=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$top/build}
# shellcheck source=contrib/lab.sh disable=SC1091
. "$top/contrib/lab.sh"
dir=$(mktemp -d /tmp/openwad-http.XXXXXX)
trap 'lab_down http "$dir"' EXIT
trap 'exit 1' INT TERM
CLIENTS=4 MIB=256

# Nanoseconds on a processor of a process and its children that live.
spent()	# PID
{
	local p f sum=0 ns

	for p in "$1" $(pgrep -P "$1"); do
		for f in "/proc/$p/task/"*/schedstat; do
			read -r ns _ <"$f" && sum=$((sum + ns))
		done
	done
	echo "$sum"
}

requests()	# MODE ADDRESS SCHEME PORT
{
	local args=(--h1) n=$((count * CLIENTS))

	case $1 in h2-*) args=(-m "${1#h2-}" -w 20 -W 24) ;; esac
	lab_in c h2load -n $n -c $CLIENTS "${args[@]}" \
	    --connect-to="$2:$4" "$3://github.com/file/small" \
	    >"$dir/client.out" 2>&1
	grep -q "^status codes: $n 2xx" "$dir/client.out"
}

bytes()	# MODE ADDRESS PORT
{
	local args=(--http1.1) url="https://github.com"

	case $1 in down2) args=(--http2) ;; esac
	case $1 in
	up) args+=(-T "$LAB/www/huge" "$url/put/") ;;
	*) args+=("$url/file/huge") ;;
	esac
	lab_in c curl -sSfk -o /dev/null --connect-to "::$2:$3" "${args[@]}" \
	    >"$dir/client.out" 2>&1
}

# Microseconds a request, or milliseconds a GiB.
round()	# MODE PID ADDRESS PORT
{
	local a b per=$((count * CLIENTS * 1000)) failed=0

	a=$(spent "$2")
	case $1 in
	down* | up) bytes "$1" "$3" "$4" || failed=1
		per=$((MIB * 1000000 / 1024)) ;;
	plain) requests "$1" "$3" http "$4" || failed=1 ;;
	*) requests "$1" "$3" https "$4" || failed=1 ;;
	esac
	b=$(spent "$2")
	[ $failed -eq 0 ] || {
		lab_say "$1 $3:$4: errors:"
		tail -n 20 "$dir/client.out" >&2
		return 1
	}
	awk "BEGIN { printf \"%.1f\\n\", ($b - $a) / $per }"
}

median()	# MODE LABEL
{
	sort -n "$dir/$1.$2" | sed -n "$(((rounds + 1) / 2))p"
}

tell()	# MODE LABEL FIRST
{
	local unit=us m

	case $1 in down* | up) unit=ms/GiB ;; esac
	m=$(median "$1" "$2")
	printf '%-6s %-24s %7s %-6s x%.2f  (%s)\n' "$1" "$2" "$m" $unit \
	    "$(awk "BEGIN { print $m / $3 }")" \
	    "$(sort -n "$dir/$1.$2" | tr '\n' ' ')"
}

peers()	# MODE: LABEL PID ADDRESS PORT of each
{
	local p port=443 to=9001 via=9003

	case $1 in
	plain) port=80 to=9004 via=9005 ;;
	*2*) to=9002 ;;
	esac
	p=$(cat "$LAB/openwad.pid")
	echo "openwad,no-web-filter $p 10.9.11.101 $port"
	echo "openwad,1000-entries $p 10.9.11.102 $port"
	echo "openwad,log-all-url $p 10.9.11.103 $port"
	[ $only -eq 0 ] || return 0
	echo "haproxy $(cat "$LAB/haproxy.pid") $LAB_LAN4 $to"
	echo "nginx $(cat "$LAB/peer.pid") $LAB_LAN4 $via"
}

measure()	# MODE: all of them in turns; the first round warms
{
	local i label pid at port all first=

	mapfile -t all < <(peers "$1")
	for ((i = 0; i <= rounds; i++)); do
		while read -r label pid at port; do
			round "$1" "$pid" "$at" "$port" >>"$dir/$1.$label" ||
				return 1
			[ $i -gt 0 ] || rm "$dir/$1.$label"
		done < <(printf '%s\n' "${all[@]}")
	done
	while read -r label _; do
		[ -n "$first" ] || first=$(median "$1" "$label")
		tell "$1" "$label" "$first"
	done < <(printf '%s\n' "${all[@]}")
}

# ---- the others -----------------------------------------------------------

origin()
{
	local i

	lab_kill nginx
	for i in 1 2 3; do
		lab_in o ip addr add 10.9.11.10$i/24 dev eth0
	done
	head -c $((MIB * 1048576)) /dev/urandom >"$LAB/www/huge"
	mkdir -p "$LAB/put"
	cat >"$dir/origin.conf" <<-E
	user root;
	worker_processes 1;
	pid $dir/origin.pidfile;
	daemon off;
	events { worker_connections 4096; }
	http {
	    access_log off;
	    keepalive_requests 100000000;
	    client_body_temp_path $LAB/put;
	    client_max_body_size 0;
	    server {
	        listen 443 ssl http2 reuseport;
	        listen 80;
	        server_name github.com;
	        ssl_certificate $LAB/pki/github.com.crt;
	        ssl_certificate_key $LAB/pki/github.com.key;
	        location /file/ { alias $LAB/www/; }
	        location /put/ { alias $LAB/put/; dav_methods PUT; }
	    }
	}
	E
	lab_spawn o nginx nginx -p "$dir" -c "$dir/origin.conf" \
	    -e "$dir/origin.log"
}

haproxy_start()
{
	local to="server s $LAB_ORIGIN4:443 ssl verify required ca-file \
$LAB/pki/root.crt sni str(github.com)"

	cat "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key" \
	    >"$dir/fixed.pem"
	cat >"$dir/haproxy.cfg" <<-E
	global
	    nbthread 2
	    maxconn 4000
	defaults
	    mode http
	    timeout connect 10s
	    timeout client 60s
	    timeout server 60s
	frontend f1
	    bind :9001 ssl crt $dir/fixed.pem alpn http/1.1
	    default_backend b1
	frontend f2
	    bind :9002 ssl crt $dir/fixed.pem alpn h2
	    default_backend b2
	frontend f3
	    bind :9004
	    default_backend b3
	backend b1
	    $to alpn http/1.1
	backend b2
	    $to alpn h2
	backend b3
	    server s $LAB_ORIGIN4:80
	E
	lab_spawn g haproxy haproxy -f "$dir/haproxy.cfg" -db
}

nginx_start()
{
	cat >"$dir/peer.conf" <<-E
	user root;
	worker_processes 2;
	pid $dir/peer.pidfile;
	daemon off;
	events { worker_connections 4096; }
	http {
	    access_log off;
	    keepalive_requests 100000000;
	    proxy_http_version 1.1;
	    proxy_set_header Connection "";
	    proxy_set_header Host github.com;
	    proxy_max_temp_file_size 0;
	    proxy_request_buffering off;
	    client_max_body_size 0;
	    upstream tls {
	        server $LAB_ORIGIN4:443;
	        keepalive 400;
	        keepalive_requests 100000000;
	    }
	    upstream plain {
	        server $LAB_ORIGIN4:80;
	        keepalive 400;
	        keepalive_requests 100000000;
	    }
	    server {
	        listen 9003 ssl http2;
	        ssl_certificate $LAB/pki/github.com.crt;
	        ssl_certificate_key $LAB/pki/github.com.key;
	        location / {
	            proxy_pass https://tls;
	            proxy_ssl_server_name on;
	            proxy_ssl_name github.com;
	            proxy_ssl_verify on;
	            proxy_ssl_verify_depth 3;
	            proxy_ssl_trusted_certificate $LAB/pki/root.crt;
	        }
	    }
	    server {
	        listen 9005;
	        location / { proxy_pass http://plain; }
	    }
	}
	E
	lab_spawn g peer nginx -p "$dir" -c "$dir/peer.conf" -e "$dir/peer.log"
}

# ---- openwad --------------------------------------------------------------

entries()	# N: a list of so many that do not meet the request
{
	printf 'config webfilter urlfilter\nedit 1\nset name "many"\nconfig entries\n'
	awk -v n="$1" 'BEGIN {
	    for (i = 1; i <= n; i++) {
	        print "edit " i
	        if (i % 3 == 0)
	            print "set url \"w" i ".example/a\""
	        else if (i % 3 == 1)
	            print "set type wildcard\nset url \"*.w" i ".example/*\""
	        else
	            print "set type regex\nset url \"w" i "[.]example/x+\""
	        print "set action block\nnext"
	    } }'
	printf 'end\nnext\nend\n'
}

profile()	# NAME LOG-ALL-URL
{
	cat <<-E
	edit "$1"
	set log-all-url $2
	config web
	    set urlfilter-table 1
	end
	config ftgd-wf
	    config filters
	        edit 1
	            set category 11
	            set action block
	        next
	    end
	end
	next
	E
}

policy()	# ID ADDRESS [PROFILE]
{
	cat <<-E
	edit $1
	    set name "p$1"
	    set srcintf "lan"
	    set dstintf "wan"
	    set action accept
	    set srcaddr "all"
	    set dstaddr "a$2"
	    set schedule "always"
	    set service "ALL"
	    set utm-status enable
	    set ssl-ssh-profile "custom-deep-inspection"
	    ${3:+set webfilter-profile "$3"}
	    set logtraffic all
	    set nat enable
	next
	E
}

extra()
{
	local i

	echo "config firewall address"
	for i in 0 1 2 3; do
		printf 'edit a%d\nset subnet 10.9.11.10%d/32\nnext\n' $i $i
	done
	echo end
	entries 1000
	echo "config webfilter profile"
	profile some disable
	profile each enable
	printf 'end\nconfig firewall policy\n'
	policy 1 1
	policy 2 2 some
	policy 3 3 each
	printf 'edit 11\nset dstaddr a0\nnext\nend\n'	# it stands before them
}

categories()
{
	local b=$build/tests/bench/bench_catdb

	[ -x "$b" ] || { lab_say "make -C tests bench/bench_catdb"; return 1; }
	"$b" names 1000000 >"$dir/names"
	"$build/src/wad-catdb" build -o "$LAB/categories.db" \
	    "$LAB/categories.csv" "$dir/names=36" >"$dir/catdb.out" 2>&1
}

export LAB_WORKERS=2 LAB_START=60 LAB_EXTRA
LAB_EXTRA=$(extra)
lab_up http "$dir" "$build/src" && categories && origin &&
    lab_openwad_start || exit 1
if [ $only -eq 0 ]; then
	haproxy_start
	nginx_start
fi
sleep 1
[ -z "$run" ] || { eval "$run"; exit; }
echo "$("$build/src/openwad" -V | head -n 1); $(haproxy -v | head -n 1);" \
    "$(nginx -v 2>&1)"
for m in $modes; do
	measure "$m" || exit 1
done
