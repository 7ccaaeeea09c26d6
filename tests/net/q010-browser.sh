#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Chromium and Firefox on a site of 200 resources, WebSocket, events, a
# download and an upload, over HTTP/2, HTTP/1.1 and without TLS: directly, through the
# gateway, and through the explicit proxy, plain and over TLS, to which openwad's
# PAC file leads.  What the page saw must be the same.
# OPENWAD_BROWSER_FULL=1: 1 GiB down and 200 MiB up.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
LAB_EXTRA='config firewall ssl-ssh-profile
    edit "custom-deep-inspection"
        set supported-alpn all
        config https
            set ports 443 9443 9444 9445
        end
    next
end
config firewall profile-protocol-options
    edit "default"
        config http
            set ports 80 9080 9081
        end
    next
end
config webfilter urlfilter
    edit 1
        config entries
            edit 1
                set url "*/r/50?.*"
                set type wildcard
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
config web-proxy global
    set proxy-fqdn "self.example"
    set ssl-ca-cert "acmeCAcert"
end
config web-proxy explicit
    set secure-web-proxy enable
    set pac-file-server-status enable
    set pac-file-data "function FindProxyForURL(url, host)
{
    return { \"example.com\": \"PROXY self.example:8080\",
        \"www.example.com\": \"HTTPS self.example:8080\" }[host] || \"DIRECT\";
}"
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need node certutil python3 dnsmasq
chrome=$(command -v chromium || command -v chromium-browser || :)
fox=$(command -v firefox-esr || command -v firefox || :)
browsers="${chrome:+chromium} ${fox:+firefox}"
[ -n "${browsers// /}" ] || skip "neither Chromium nor Firefox is installed"
down=16 up=8 seconds=50
if [ -n "${OPENWAD_BROWSER_FULL:-}" ]; then
	down=1024 up=200 seconds=500
fi
bad=0
wrong()
{
	echo "BAD: $*"
	bad=1
}

# ---- the site ---------------------------------------------------------------
net_lab
# the static half: nginx, HTTP/2 at 443, HTTP/1.1 at 9444, without TLS at 9081
lab_kill nginx
sed -E 's/listen ((\[::\]:)?)443 ssl(.*);/listen \1443 ssl http2\3; listen \19444 ssl; listen \19081;/' \
    "$LAB/nginx.conf" >"$LAB/nginx2.conf"
mkdir -p "$LAB/www/r" "$LAB/results"
for ((n = 100; n < 200; n += 4)); do
	echo "window.ran.push($n);" >"$LAB/www/r/$n.js"
	printf '#s%d { z-index: 1; }\n%*s\n' $n $((n * 90)) "" \
	    >"$LAB/www/r/$((n + 1)).css"
	base64 -d <<<R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs= \
	    >"$LAB/www/r/$((n + 2)).gif"
	printf '%*s' $((n * 500)) "$n" >"$LAB/www/r/$((n + 3)).txt"
done
cat >>"$LAB/www.inc" <<E
location /r/ {
	root $LAB/www;
	gzip on;
	gzip_proxied any;
	gzip_types text/css;
	types { text/javascript js; text/css css; image/gif gif;
	    text/plain txt; }
	add_header Access-Control-Allow-Origin *;
	add_header Access-Control-Allow-Headers Range;
	add_header Access-Control-Expose-Headers *;
	add_header Timing-Allow-Origin *;
	add_header Cache-Control no-store;
}
E
lab_spawn o nginx nginx -p "$LAB" -c "$LAB/nginx2.conf" -e "$LAB/nginx-error.log"
lab_spawn o origin node "$here/browserorigin.js" "$LAB/pki" "$LAB/results" \
    9443 9445 9080
lab_wait 10 grep -q ready "$LAB/origin.out" || fail "no origin"
lab_dns_start || fail "no resolver"
mkdir -p "/etc/netns/ow$LAB_NAME-o"
cp "/etc/netns/ow$LAB_NAME-c/resolv.conf" "/etc/netns/ow$LAB_NAME-o/"
lab_openwad_start || fail "openwad did not start"

# ---- browsers ---------------------------------------------------------------
home()	# DIRECTORY CA: a home and a profile whose only CA this is
{
	mkdir -p "$1/.pki/nssdb" "$1/fox"
	certutil -d "sql:$1/.pki/nssdb" -N --empty-password || fail "certutil"
	certutil -d "sql:$1/.pki/nssdb" -A -n lab -t C,, -i "$2" ||
	    fail "certutil"
	cp "$1/.pki/nssdb"/* "$1/fox/"
}

# shellcheck disable=SC2317	# called by their browser's name
chromium_run()	# WORD SIDE HOME PAC URL
{
	lab_spawn "$2" "$1" env HOME="$3" XDG_CONFIG_HOME="$3/c" \
	    XDG_CACHE_HOME="$3/c" "$chrome" --headless --no-sandbox \
	    --disable-gpu --disable-dev-shm-usage --no-first-run \
	    --disable-extensions --disable-background-networking \
	    --disable-component-update --disable-sync --disable-quic \
	    --disable-features=HttpsUpgrades,HttpsFirstBalancedMode \
	    --user-data-dir="$3/chromium" ${4:+--proxy-pac-url="$4"} "$5"
}

# shellcheck disable=SC2317
firefox_run()	# the same
{
	# The lab's network has no internet: what it calls home by is off.
	cat >"$3/fox/user.js" <<-P
	user_pref("network.captive-portal-service.enabled", false);
	user_pref("network.connectivity-service.enabled", false);
	user_pref("app.normandy.enabled", false);
	user_pref("browser.safebrowsing.provider.mozilla.updateURL", "");
	user_pref("browser.safebrowsing.provider.google4.updateURL", "");
	user_pref("services.settings.server", "http://127.0.0.1:1");
	user_pref("datareporting.policy.dataSubmissionEnabled", false);
	user_pref("browser.shell.checkDefaultBrowser", false);
	user_pref("network.trr.mode", 5);
	user_pref("network.proxy.type", $([ -n "$4" ] && echo 2 || echo 0));
	user_pref("network.proxy.autoconfig_url", "$4");
	P
	lab_spawn "$2" "$1" env HOME="$3" MOZ_HEADLESS=1 "$fox" --headless \
	    --no-remote --profile "$3/fox" "$5"
}

# The page at HOST over h2, h1 or plain HTTP.
declare -A site=([h2]=https:HOST:9443:443 [h1]=https:HOST:9445:9444
    [plain]=http:HOST:9080:9081)
# Starts one on pages, one after the other.
visit()	# BROWSER SIDE PAC WAY-HTTP@HOST...
{
	local name=$1 side=$2 pac=$3 page http plan=

	shift 3
	for page; do
		http=${page%@*}
		http=${http#*-}
		plan+=",$name-${page%@*}@${site[$http]/HOST/${page#*@}}"
	done
	"${name}_run" "$name-$side" "$side" "$LAB/$name-$side" "$pac" \
	    "https://${1#*@}:9443/page?at=0&down=$down&up=$up&seconds=$seconds&\
plan=${plan#,}"
}

finished()	# NAME
{
	lab_wait $((seconds + seconds)) test -s "$LAB/results/$1" ||
	    fail "$1: no result: $(tail -n 3 "$LAB/${1%%-*}"-[co].out)"
	echo "$1: $(grep '"ms_' "$LAB/results/$1" | tr -d '\n')"
}

# Of plain requests the explicit proxy is a hop: these are not passed on (RFC
# 9110 section 7.6), and it says that it was there.
hop='s/ \| (connection: keep-alive|keep-alive: timeout=[0-9]+)//g
    s/ (Connection keep-alive|Via 1\.1 openwad-[0-9a-f]+)//
    s/,\\"(Connection\\",\\"keep-alive|Via\\",\\"1\.1 openwad-[0-9a-f]+)\\"//'

# What the two saw is the same, but what we block and how long it took.
same()	# NAME OTHER
{
	local n how=

	[[ $1 != *-explicit-plain ]] || how=$hop
	for n; do
		sed -E '/"(ms|blocked)_/d
		    s/\b(rsa\.example|(www\.)?example\.com)\b/HOST/g
		    '"$how" "$LAB/results/$n" >"$LAB/results/$n.same"
	done
	diff "$LAB/results/$2.same" "$LAB/results/$1.same" >"$LAB/diff" || {
		head -n 20 "$LAB/diff"
		wrong "$1 is not what $2 is"
	}
}

says()	# NAME PATTERN
{
	grep -Eq "$2" "$LAB/results/$1" || wrong "$1: no $2"
}

highest()	# VmHWM of the largest worker, in KiB
{
	local pid

	for pid in $(role_pids worker); do
		awk '/^VmHWM/ { print $2 }' "/proc/$pid/status"
	done | sort -n | tail -n 1
}

# not github.com, which browsers know to be HTTPS only
pages=(transparent-{h2,h1,plain}@rsa.example explicit-{h2,h1,plain}@example.com
    secure-h2@www.example.com)
for b in $browsers; do
	home "$LAB/$b-o" "$LAB/pki/root.crt"
	home "$LAB/$b-c" "$LAB/pki/$LAB_CA.crt"
	visit "$b" o "" direct-{h2,h1,plain}@rsa.example
	visit "$b" c "http://$LAB_LAN4:8080/proxy.pac" "${pages[@]}"
done
for b in $browsers; do
	for http in h2 h1 plain; do
		plain=$b-direct-$http
		finished "$plain"
		[ $http = h2 ] && proto=h2 || proto=http/1.1
		# what there is to compare is what it must be
		says "$plain" "\"$proto\": 200"
		says "$plain" "\"document\": \"$proto\""
		says "$plain" '"199 200 false .* [0-9]+"'
		grep -A1 '"ws": \[' "$LAB/results/$plain" | grep -q "\"$proto\"" ||
		    wrong "$plain: WebSocket is not over $proto"
		says "$plain" '"1000000 true"'
		says "$plain" '"close 4321 true"'
		says "$plain" '"20 event 20"'
		says "$plain" '^  "10"'
		says "$plain" "\"down\": $((down << 20))"
		says "$plain" '"down_same": true'
		says "$plain" "\"up\": $((up << 20))"
		says "$plain" '"up_same": true'
		says "$plain" '"blocked_script": "load"'
		says "$plain" '"blocked_fetch": 200'
		says "$plain" '"blocked_page": "origin 503"'
	done
	[ "$b" != chromium ] || says chromium-direct-h2 '"trickle": "200 50"'
	for page in "${pages[@]}"; do
		page=${page%@*}
		finished "$b-$page"
		same "$b-$page" "$b-direct-${page#*-}"
		says "$b-$page" '"blocked_script": "error"'
		says "$b-$page" '"blocked_fetch": 403'
		says "$b-$page" '"blocked_page": "[^"]*[Bb]locked'
	done
done
# bodies pass, they are not kept
kib=$(highest)
echo "memory of the largest worker: $kib KiB"
[ "$kib" -lt 65536 ] || wrong "too much memory"
exit $bad
