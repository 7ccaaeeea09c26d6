#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Messages that two readers could take for different things: each is refused,
# with a record that says why, or nginx, Node and Python behind the gateway
# read the same in it that the gateway has read.  Answers of a bad server; URLs
# that an origin takes for a blocked one.  SMUGGLE_SEED=n: other random ones;
# SMUGGLE_MORE=n: n times as many.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 8443 8444 8445 8446 9443 9444 9445 9446
end
next
end
config firewall profile-protocol-options
edit "default"
config http
set ports 80 8001 8002 8003 8004
end
next
end
config webfilter urlfilter
edit 7
set name "lab-urls"
config entries
edit 1
set url "github.com/blocked/page"
set action block
next
edit 2
set url "github.com/allowed"
set action exempt
next
end
next
end
config webfilter profile
edit "web-filter-test"
set log-all-url enable
config web
set urlfilter-table 7
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need node
python_with h2 hpack
net_start
p=$LAB/pki/github.com
lab_spawn o node node "$here/smuggle_origin.js" "$LAB_ORIGIN4" "$p.crt" \
    "$p.key" "$LAB/node.log"
lab_spawn o python "$python" "$here/smuggle_origin.py" "$LAB_ORIGIN4" \
    "$p.crt" "$p.key" "$LAB/python.log"
cat >"$LAB/read.conf" <<-E
	user root;
	worker_processes 1;
	pid $LAB/read.pidfile;
	error_log $LAB/read-error.log;
	daemon off;
	events { worker_connections 4096; }
	http {
	log_format read escape=json '{"m":"\$request_method","u":"\$request_uri",'
	    '"d":"\$uri","h":"\$http_host","i":"\$http_x_id",'
	    '"b":"\$request_body"}';
	map \$status \$fine { 200 1; default 0; }
	client_body_temp_path $LAB/tmp;
	proxy_temp_path $LAB/tmp;
	fastcgi_temp_path $LAB/tmp;
	uwsgi_temp_path $LAB/tmp;
	scgi_temp_path $LAB/tmp;
	client_body_buffer_size 256k;
	large_client_header_buffers 8 128k;
	ssl_certificate $p.crt;
	ssl_certificate_key $p.key;
	ssl_protocols TLSv1.2 TLSv1.3;
	server {
		listen $LAB_ORIGIN4:8001;
		listen $LAB_ORIGIN4:8443 ssl;
		listen $LAB_ORIGIN4:9443 ssl http2;
		server_name "";
		access_log $LAB/nginx.log read if=\$fine;
		location / {
			proxy_pass http://unix:$LAB/read.sock:/;
			proxy_http_version 1.1;
			proxy_method GET;
			proxy_ignore_client_abort on;
			proxy_hide_header X-Read;
			add_header X-Read \$request_uri;
		}
	}
	server {
		listen unix:$LAB/read.sock;
		access_log off;
		location / { return 200 "ok\n"; }
	}
	}
E
lab_spawn o read nginx -p "$LAB" -c "$LAB/read.conf" \
    -e "$LAB/read-error.log"
# shellcheck disable=SC2317
listen()
{
	[ "$(lab_in o ss -Hltn | grep -cE ":(800[1-4]|844[3-6]|944[3-6]) ")" \
	    = 12 ]
}
lab_wait 10 listen || fail "an origin did not start: \
$(cat "$LAB/node.out" "$LAB/python.out" "$LAB/read.out")"

lab_in c timeout 300 "$python" "$here/smuggle.py" "$LAB_ORIGIN4" \
    "$LAB_CLIENT4" "$LAB_LAN4" "$LAB/pki/$LAB_CA.crt" "$LAB" \
    "${SMUGGLE_SEED:-1}" "${SMUGGLE_MORE:-1}" ${SMUGGLE_SHOW:+-v} 2>&1 ||
    fail "see above"

# What an administrator sees of it (doc/web-filter).
# shellcheck disable=SC2119
out=$(ctl <<'E'
execute log filter category webfilter
execute log filter field logid 0313013568
execute log display
E
)
has "$out" 'logid="?0313013568.*msg="[a-zA-Z]' "the console"
hasnt "$out" 'logid="?0317' "other records"
exit 0
