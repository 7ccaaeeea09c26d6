#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The forged certificate in the eyes of those that have the CA: OpenSSL (curl,
# s_client -x509_strict), GnuTLS, NSS, Chromium, Firefox.  Each must get a page
# that only this client asked for from the origin, and none may without the CA.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 gnutls-cli certutil tstclnt
net_lab
lab_dns_start || fail "no resolver"
lab_openwad_start || fail "openwad did not start"
rv=0
ca=$LAB/pki/$LAB_CA.crt
bad()
{
	echo "BAD: $*"
	rv=1
}
asked()	# PATH: whether the origin was asked for it
{
	grep -q "\"GET $1 HTTP" "$LAB/nginx-access.log"
}
request()	# PATH
{
	printf 'GET %s HTTP/1.1\r\nHost: github.com\r\nConnection: close\r\n\r\n' \
	    "$1"
}

# ---- OpenSSL --------------------------------------------------------------
for v in 1.2 1.3; do
	lab_curl --tls-max $v --tlsv$v -o /dev/null \
	    "https://github.com/curl-$v" || bad "curl TLS $v"
	asked "/curl-$v" || bad "curl TLS $v: not at the origin"
done
lab_in c curl -sS --max-time 20 --resolve "github.com:443:$LAB_ORIGIN4" \
    https://github.com/curl-none >/dev/null 2>&1 && bad "curl without the CA"
asked /curl-none && bad "curl without the CA: at the origin"
# The strict rules of RFC 5280 and a name that must match; RSA leaves too.
for row in "github.com" "github.com -groups P-384" "rsa.example" \
    "rsa.example -sigalgs RSA-PSS+SHA256:RSA+SHA256" \
    "rsa.example -cipher ECDHE-RSA-AES128-GCM-SHA256 -tls1_2"; do
	read -r name args <<<"$row"
	# shellcheck disable=SC2086
	out=$(lab_chain "$name" -x509_strict -purpose sslserver \
	    -verify_return_error $args)
	grep -q "^Verified peername: $name" <<<"$out" ||
	    bad "-x509_strict $row: $(grep -iE 'verif|error' <<<"$out")"
done

# ---- GnuTLS ---------------------------------------------------------------
gnutls()	# PATH PRIORITY [options]
{
	local path=$1 prio=$2

	shift 2
	request "$path" | lab_in c timeout 15 gnutls-cli --priority "$prio" \
	    --port 443 --sni-hostname github.com --verify-hostname github.com \
	    "$@" "$LAB_ORIGIN4" 2>&1
}
for prio in NORMAL NORMAL:-VERS-TLS1.3 PFS \
    NORMAL:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP256R1; do
	path=/gnutls-${prio//[:+]/.}
	out=$(gnutls "$path" "$prio" --x509cafile "$ca")
	asked "$path" || bad "GnuTLS $prio: $(
	    grep -E 'Status|rror|alert' <<<"$out")"
done
gnutls /gnutls-none NORMAL >/dev/null
asked /gnutls-none && bad "GnuTLS without the CA"

# ---- NSS ------------------------------------------------------------------
nssdb()	# DIRECTORY: a certificate store that has the CA
{
	mkdir -p "$1"
	certutil -d "sql:$1" -N --empty-password &&
	    certutil -d "sql:$1" -A -n lab -t C,, -i "$ca"
}
nssdb "$LAB/nss" || fail "certutil"
mkdir -p "$LAB/nss-none"
certutil -d "sql:$LAB/nss-none" -N --empty-password || fail "certutil"
nss()	# PATH DIRECTORY [options]
{
	local path=$1 dir=$2

	shift 2
	request "$path" >"$LAB/request"
	lab_in c timeout 15 tstclnt -h "$LAB_ORIGIN4" -p 443 -a github.com \
	    -d "sql:$LAB/$dir" -A "$LAB/request" "$@" </dev/null 2>&1
}
for v in tls1.2:tls1.2 tls1.2:tls1.3 tls1.3:tls1.3; do
	out=$(nss "/nss-$v" nss -V $v)
	asked "/nss-$v" || bad "NSS $v: $(tail -n 3 <<<"$out")"
done
nss /nss-none nss-none >/dev/null
asked /nss-none && bad "NSS without the CA"

# ---- browsers -------------------------------------------------------------
# Not run as a user of this machine: a home and a profile of their own.
chrome=$(command -v chromium || command -v chromium-browser || :)
chromium_asks()	# PATH HOME
{
	lab_in c env HOME="$2" XDG_CONFIG_HOME="$2/c" XDG_CACHE_HOME="$2/c" \
	    timeout -k 5 60 "$chrome" --headless --no-sandbox --disable-gpu \
	    --disable-dev-shm-usage --no-first-run --disable-extensions \
	    --disable-background-networking --disable-component-update \
	    --disable-sync --user-data-dir="$2/profile" \
	    --host-resolver-rules="MAP * $LAB_ORIGIN4" \
	    --dump-dom "https://github.com$1" 2>"$LAB/chromium.err"
}
if [ -n "$chrome" ]; then
	nssdb "$LAB/home/.pki/nssdb" || fail "certutil"
	out=$(chromium_asks /chromium "$LAB/home")
	grep -q 'host=github.com' <<<"$out" ||
	    bad "Chromium: $(grep -oE 'ERR_[A-Z_]*' <<<"$out" | head -n 1) $(
	    grep -i cert "$LAB/chromium.err" | tail -n 2)"
	asked /chromium || bad "Chromium did not ask the origin"
	mkdir -p "$LAB/home2"
	chromium_asks /chromium-none "$LAB/home2" >/dev/null
	asked /chromium-none && bad "Chromium without the CA"
else
	echo "SKIP: Chromium is not installed (package chromium)"
fi

fox=$(command -v firefox-esr || command -v firefox || :)
firefox_asks()	# PATH PROFILE: starts it
{
	# The lab's network has no internet: what it calls home by is off.
	cat >"$2/user.js" <<-E
	user_pref("network.captive-portal-service.enabled", false);
	user_pref("network.connectivity-service.enabled", false);
	user_pref("app.normandy.enabled", false);
	user_pref("browser.safebrowsing.provider.mozilla.updateURL", "");
	user_pref("browser.safebrowsing.provider.google4.updateURL", "");
	user_pref("services.settings.server", "http://127.0.0.1:1");
	user_pref("datareporting.policy.dataSubmissionEnabled", false);
	user_pref("browser.shell.checkDefaultBrowser", false);
	user_pref("network.trr.mode", 5);
	E
	lab_spawn c firefox env HOME="$2" MOZ_HEADLESS=1 "$fox" --headless \
	    --no-remote --profile "$2" --screenshot "$2/shot.png" \
	    "https://github.com$1"
}
refused()	# how many clients have turned our certificate down
{
	grep -c 'hostname="github.com".* reason="\(client-handshake\|tls-alert\)"' \
	    "$LAB/run/log/openwad.log"
}
if [ -n "$fox" ]; then
	nssdb "$LAB/fox" || fail "certutil"
	firefox_asks /firefox "$LAB/fox"
	lab_wait 60 asked /firefox || bad "Firefox: $(tail -n 3 \
	    "$LAB/firefox.out")"
	lab_wait 20 test -s "$LAB/fox/shot.png" || bad "Firefox shows nothing"
	lab_kill firefox
	mkdir -p "$LAB/fox2"
	n=$(refused)
	firefox_asks /firefox-none "$LAB/fox2"
	# It would wait for ever on its error page.
	# shellcheck disable=SC2317
	more()
	{
		[ "$(refused)" -gt "$n" ]
	}
	lab_wait 60 more || bad "Firefox without the CA does not refuse"
	lab_kill firefox
	asked /firefox-none && bad "Firefox without the CA"
else
	echo "SKIP: Firefox is not installed (package firefox-esr)"
fi
exit $rv
