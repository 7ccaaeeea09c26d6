#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# wad-lookup dies and hangs while connections need it: it comes back, open
# questions are asked again, and the setting for "not known in time" decides.
# shellcheck disable=SC2034
NET_KILLS=1
LAB_EXTRA='config openwad settings
set lookup-allow-private enable
set revocation-timeout 2
end
config vpn certificate setting
set ocsp-status enable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
LAB_SERVERS="$LAB_SERVERS good.example gone.example"
net_lab

p=$LAB/pki
for n in good gone; do
	openssl req -new -key "$p/$n.example.key" -subj "/CN=$n.example" \
	    -out "$p/csr"
	printf '%s\n' "subjectAltName=DNS:$n.example" \
	    extendedKeyUsage=serverAuth \
	    "authorityInfoAccess=OCSP;URI:http://$LAB_ORIGIN4:2560/" >"$p/ext"
	serial=0x21
	[ $n = good ] || serial=0x22
	openssl x509 -req -in "$p/csr" -CA "$p/issuing.crt" -days 20 \
	    -CAkey "$p/issuing.key" -set_serial $serial -extfile "$p/ext" \
	    -out "$p/$n.example.crt" 2>/dev/null || fail "leaf $n"
	cat "$p/issuing.crt" >>"$p/$n.example.crt"
done
printf '%s\t400101000000Z\t%s\t%s\tunknown\t/CN=x\n' V "" 21 \
    R 260101000000Z 22 >"$p/index"
lab_spawn o ocsp openssl ocsp -port 2560 -ndays 1 -index "$p/index" \
    -CA "$p/issuing.crt" -rsigner "$p/issuing.crt" \
    -rkey "$p/issuing.key" -ignore_err
lab_origin_reload || fail "the origin does not reload"
lab_wait 10 lab_in o openssl ocsp -url "http://127.0.0.1:2560/" \
    -issuer "$p/issuing.crt" -cert "$p/good.example.crt" -noverify ||
    fail "no responder"
lab_openwad_start || fail "openwad did not start"

timeout_is()	# ACTION
{
	printf '%s\n' "config firewall ssl-ssh-profile" \
	    "edit custom-deep-inspection" "config https" \
	    "set cert-validation-timeout $1" end next end |
	    lab_ctl >/dev/null || fail "wadctl"
}

forget()
{
	lab_ctl diagnose wad cache clear >/dev/null
	lab_ctl diagnose wad revocation clear >/dev/null
}

# shellcheck disable=SC2317
back()	# PID: another one runs in its place
{
	[ "$(role_pids lookup | wc -l)" -eq 1 ] &&
	    [ "$(role_pids lookup)" != "$1" ]
}

# Killed three times while new verdicts are needed all the time.
timeout_is block
lab_curl -o /dev/null https://good.example/ || fail "before"
lab_in c python3 "$here/load.py" "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt" \
    good.example 300 4 >"$LAB/load.out" 2>&1 &
load=$!
for i in 1 2 3; do
	for _ in 1 2 3; do
		forget
		sleep 0.1
	done
	pid=$(role_pids lookup)
	kill -9 "$pid"
	lab_wait 2 back "$pid" || fail "wad-lookup did not come back ($i)"
done
wait $load || fail "connections were lost: $(cat "$LAB/load.out")"
grep -c "lookup 0 .* killed by signal 9" "$LAB/openwad.out" | grep -qx 3 ||
    fail "not killed three times"

# It hangs: the setting decides, in its time.
pid=$(role_pids lookup)
lab_ctl diagnose wad revocation clear >/dev/null
lab_ctl diagnose wad cache clear >/dev/null
kill -STOP "$pid"
SECONDS=0
out=$(lab_curl https://good.example/)
has "$out" "cert-validation-timeout" "hangs, block"
[ $SECONDS -le 5 ] || fail "$SECONDS seconds until the page"
timeout_is ignore &
edit=$!
sleep 1
kill -CONT "$pid"
wait $edit || exit 1
kill -STOP "$pid"
lab_ctl diagnose wad cache clear >/dev/null
has "$(lab_curl https://good.example/)" "host=good.example" "hangs, ignore"
kill -CONT "$pid"

# And it works as before.
lab_ctl diagnose wad cache clear >/dev/null
has "$(lab_curl https://gone.example/)" "cert-revoked" "after it went on"
exit 0
