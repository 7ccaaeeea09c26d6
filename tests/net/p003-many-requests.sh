#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# 10,000 requests on one connection, by HTTP/1.1, by HTTP/2 and without TLS:
# all are answered, and the workers hold no more in the end than after the
# first 1,000.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9443
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need h2load nghttpd
net_start
p=$LAB/pki/github.com
lab_spawn o nghttpd nghttpd -a "$LAB_ORIGIN4" -d "$LAB/www" 9443 \
    "$p.key" "$p.crt"
origin_on 9443

# $most: KiB at the most while it ran
load()	# REQUESTS PORT SCHEME://HOST OPTIONS...
{
	local n=$1 port=$2 url=$3 pid now

	shift 3
	lab_in c timeout 60 h2load -n "$n" -c 1 "$@" \
	    --connect-to="$LAB_ORIGIN4:$port" "$url/file/small" \
	    >"$LAB/h2load.out" 2>&1 &
	pid=$!
	most=0
	while kill -0 $pid 2>/dev/null; do
		now=$(memory RssAnon worker)
		[ "$now" -lt "$most" ] || most=$now
		sleep 0.1
	done
	wait $pid || fail "h2load: $(cat "$LAB/h2load.out")"
	grep -q "^status codes: $n 2xx" "$LAB/h2load.out" ||
	    fail "$url: $(cat "$LAB/h2load.out")"
}

many()	# KIB PORT URL OPTIONS...
{
	local before may=$1

	shift
	load 1000 "$@"
	before=$most
	load 10000 "$@"
	echo "$2 $3: $((most - before)) KiB more"
	[ $((most - before)) -lt "$may" ] || fail "memory grows with requests"
}

workers=$(role_pids worker)
mkdir "$LAB/www/file"
cp "$LAB/www/small" "$LAB/www/file"
many 512 443 https://github.com --h1
many 512 80 http://github.com --h1
many 512 9443 https://github.com:9443 -m1
# a body that waits has a block of 32 KiB; how many wait at once differs
many 4096 9443 https://github.com:9443 -m100
[ "$workers" = "$(role_pids worker)" ] || fail "a worker went"
exit 0
