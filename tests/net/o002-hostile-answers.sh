#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# wad-lookup asks servers that mean harm: none of them holds it up, fills it,
# or makes it speak to where it must not; who asks an honest one meanwhile has
# his answer.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set lookup-allow-private enable
set revocation-timeout 4
end
config vpn certificate setting
set ocsp-status enable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
need dnsmasq
bad="endless chunks claim empty bomb heads continue turn inward list loop self
	mapped any"
for n in good drip drip-head $bad; do
	LAB_SERVERS="$LAB_SERVERS $n.example"
done
net_lab
lab_dns_start || fail "no resolver"

p=$LAB/pki
leaf()	# NAME SERIAL EXTENSION
{
	openssl req -new -key "$p/$1.example.key" -subj "/CN=$1.example" \
	    -out "$p/csr"
	printf '%s\n' "subjectAltName=DNS:$1.example" \
	    extendedKeyUsage=serverAuth "$3" >"$p/ext"
	openssl x509 -req -in "$p/csr" -CA "$p/issuing.crt" -days 20 \
	    -CAkey "$p/issuing.key" -set_serial "$2" -extfile "$p/ext" \
	    -out "$p/$1.example.crt" 2>/dev/null || fail "leaf $1"
	cat "$p/issuing.crt" >>"$p/$1.example.crt"
}

aia()	# URL
{
	echo "authorityInfoAccess=OCSP;URI:$1"
}

leaf good 0x21 "$(aia "http://$LAB_ORIGIN4:2560/")"
for n in drip drip-head endless chunks claim empty bomb heads continue turn \
    inward; do
	leaf $n $((i = ${i:-1000} + 1)) "$(aia "http://$LAB_ORIGIN4:2570/$n")"
done
leaf list 0x31 "crlDistributionPoints=URI:http://$LAB_ORIGIN4:2570/list"
# names and forms of addresses that lead to the gateway itself
leaf loop 0x32 "$(aia http://loop.example:2570/x)"
leaf self 0x33 "$(aia http://self.example:2570/x)"
leaf mapped 0x34 "$(aia 'http://[::ffff:127.0.0.1]:2570/x')"
leaf any 0x35 "$(aia http://0.0.0.0:2570/x)"
printf 'V\t400101000000Z\t\t21\tunknown\t/CN=x\n' >"$p/index"
lab_spawn o ocsp openssl ocsp -port 2560 -ndays 1 -index "$p/index" \
    -CA "$p/issuing.crt" -rsigner "$p/issuing.crt" \
    -rkey "$p/issuing.key" -ignore_err
lab_spawn o hostile python3 "$here/hostile.py" "$LAB_ORIGIN4" 2570 \
    "$LAB/hostile.log"
lab_spawn g inside python3 "$here/hostile.py" 0.0.0.0 2570 "$LAB/inside.log"
lab_origin_reload || fail "the origin does not reload"
lab_wait 10 lab_in o openssl ocsp -url "http://127.0.0.1:2560/" \
    -issuer "$p/issuing.crt" -cert "$p/good.example.crt" -noverify ||
    fail "no responder"
lab_wait 30 lab_in o curl -s "http://$LAB_ORIGIN4:2570/ready" ||
    fail "no hostile server"
lab_openwad_start || fail "openwad did not start"
printf '%s\n' "config firewall ssl-ssh-profile" \
    "edit custom-deep-inspection" "config https" \
    "set cert-validation-timeout block" "set cert-validation-failure block" \
    end next end | lab_ctl >/dev/null || fail "wadctl"

# All at once, and the honest one in the middle of it.
for n in drip drip-head $bad; do
	lab_curl "https://$n.example/" >"$LAB/said-$n" 2>&1 &
	pids="${pids:-} $!"
done
sleep 1
SECONDS=0
has "$(lab_curl https://good.example/)" "host=good.example" "the honest one"
[ $SECONDS -le 4 ] || fail "the honest one took $SECONDS seconds"
for i in $pids; do
	wait "$i"
done
for n in drip drip-head; do
	has "$(cat "$LAB/said-$n")" cert-validation-timeout "$n"
done
for n in $bad; do
	has "$(cat "$LAB/said-$n")" cert-validation-failure "$n"
done
[ ! -e "$LAB/inside.log" ] || fail "it spoke to itself: $(cat "$LAB/inside.log")"
[ "$(grep -c turn "$LAB/hostile.log")" -le 4 ] || fail "redirects without end"
size=$(memory VmHWM lookup)
echo "wad-lookup held $size kB at most"
exit 0
