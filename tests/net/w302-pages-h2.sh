#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pages over HTTP/2, for a client that speaks nothing else: of a blocked name,
# where there is no server behind, and of a path of a site that is open.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        set supported-alpn all
    next
end
config webfilter urlfilter
    edit 1
        config entries
            edit 1
                set url "github.com/secret"
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
end
config openwad settings
    set page-dir "'$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)'/contrib/pages"
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need nghttp
net_lab
lab_dns_start || fail "no resolver"
# the origin speaks HTTP/2
lab_kill nginx
sed 's/\( ssl\b[^;]*\);/\1 http2;/' "$LAB/nginx.conf" >"$LAB/nginx2.conf"
lab_spawn o nginx nginx -p "$LAB" -c "$LAB/nginx2.conf" -e "$LAB/nginx-error.log"
lab_wait 10 lab_in o curl -sk -o /dev/null "https://$LAB_ORIGIN4/" ||
    fail "nginx with HTTP/2"
lab_openwad_start || fail "openwad did not start"

h2()	# URL [nghttp's options]
{
	lab_in c timeout 10 nghttp -v --no-dep -H 'accept: text/html' "$@" 2>&1
}
out=$(h2 -H 'accept-language: de' https://bet.example/x?secret=1) ||
    fail "nghttp: $out"
has "$out" 'The negotiated protocol: h2' "ALPN"
has "$out" ':status: 403' "status"
has "$out" 'content-type: text/html; charset=utf-8' "type"
has "$out" 'content-language: de' "language"
has "$out" 'cache-control: no-store' "cache"
has "$out" 'Diese Website ist gesperrt' "German page"
hasnt "$out" 'connection: |transfer-encoding|>.*secret=1.*<' "no field of HTTP/1"
# three requests at once: each gets its page
out=$(h2 -m 3 https://bet.example/)
[ "$(grep -c ':status: 403' <<<"$out")" -ge 1 ] || fail "three at once: $out"
hasnt "$out" 'PROTOCOL_ERROR|FLOW_CONTROL' "three at once"

# A path of an open site: the connection stays.
out=$(h2 https://github.com/ https://github.com/secret https://github.com/a)
[ "$(grep -c ':status: 200' <<<"$out")" = 2 ] || fail "the open paths: $out"
[ "$(grep -c ':status: 403' <<<"$out")" = 1 ] || fail "the blocked path: $out"
has "$out" 'This address is blocked' "its page"
has "$out" 'https://github.com/secret' "its address"
exit 0
