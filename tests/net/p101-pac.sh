#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The file that leads browsers to the proxy: proxy.pac and wpad.dat, made from
# the configuration or the administrator's; its own port; what a browser reads
# in it.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config web-proxy explicit
    set pac-file-server-status enable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need node
net_start

get()
{
	lab_in c curl -sS -g --max-time 10 "$@"
}

# What FindProxyForURL answers for a URL and its host.
ask()	# FILE URL HOST
{
	# shellcheck disable=SC2016
	node -e '
const ends = (h, d) => h.endsWith(d);
const plain = (h) => !h.includes(".") && !h.includes(":");
const like = (s, p) => new RegExp("^" + p.replace(/[.+^${}()|[\]\\]/g,
    "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".") + "$").test(s);
const text = require("fs").readFileSync(process.argv[1], "utf8");
const f = new Function("isPlainHostName", "dnsDomainIs", "shExpMatch",
    text + "\nreturn FindProxyForURL;")(plain, ends, like);
console.log(f(process.argv[2], process.argv[3]));' "$@"
}

for name in proxy.pac wpad.dat 'wpad.dat?x=1'; do
	out=$(get -i "http://$LAB_LAN4:8080/$name") || fail "$name: $out"
	has "$out" "HTTP/1.1 200" "$name"
	has "$out" "^Content-Type: application/x-ns-proxy-autoconfig" "$name"
	has "$out" "PROXY $LAB_LAN4:8080" "$name"
done
get -o "$LAB/p.pac" "http://$LAB_LAN4:8080/proxy.pac"
get -I "http://$LAB_LAN4:8080/proxy.pac" | grep -q "^Content-Length: $(
    stat -c %s "$LAB/p.pac")" || fail "HEAD"
[ "$(ask "$LAB/p.pac" https://github.com/ github.com)" = \
    "PROXY $LAB_LAN4:8080" ] || fail "a name goes to the proxy"
for h in localhost printer 127.0.0.1 a.localhost "[::1]"; do
	[ "$(ask "$LAB/p.pac" "http://$h/" "$h")" = DIRECT ] ||
	    fail "$h is direct"
done
out=$(get "http://[$LAB_LAN6]:8080/proxy.pac")
has "$out" "PROXY \[$LAB_LAN6\]:8080" "IPv6"
out=$(get -o /dev/null -w '%{http_code}' "http://$LAB_LAN4:8080/other.pac")
has "$out" "400" "another name"
out=$(get -o /dev/null -w '%{http_code}' -x "$(ask "$LAB/p.pac" \
    http://plain.example/ plain.example | sed 's/PROXY /http:\/\//')" \
    http://plain.example/)
has "$out" "200" "the way that the file leads"

# The administrator's own, at a port of its own where no proxy is.
lab_ctl >/dev/null <<'C' || fail "configured"
config web-proxy explicit
set pac-file-server-port 8081
set pac-file-name "my.pac"
set pac-file-data "function FindProxyForURL(u, h)
{ return \"PROXY own:1\"; }"
end
C
lab_ctl >/dev/null <<'C' || fail "configured"
config web-proxy global
set proxy-fqdn "proxy.example"
end
C
get -o "$LAB/p.pac" "http://$LAB_LAN4:8081/my.pac" || fail "port 8081"
[ "$(ask "$LAB/p.pac" http://a.test/ a.test)" = "PROXY own:1" ] ||
    fail "the administrator's text"
out=$(get -o /dev/null -w '%{http_code}' "http://$LAB_LAN4:8080/my.pac")
has "$out" "400" "not at the proxy's port any more"
out=$(get -o /dev/null -w '%{http_code}' -x "http://$LAB_LAN4:8081" \
    http://plain.example/)
has "$out" "403" "no proxy at 8081"
lab_ctl >/dev/null <<'C' || fail "configured"
config web-proxy explicit
unset pac-file-data
end
C
out=$(get "http://$LAB_LAN4:8081/wpad.dat")
has "$out" 'return "PROXY proxy.example:8080"' "the proxy's name and port"
exit 0
