#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A forged certificate is the same for all workers, and stays it when wad-keys
# or a worker is killed and when openwad is started again; it goes with its
# CA.
# shellcheck disable=SC2034
LAB_WORKERS=2 NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

serial_of()	# NAME [s_client options]
{
	lab_chain "$@" | openssl x509 -noout -serial 2>/dev/null
}

# same COUNT SERIAL WHAT: so many new connections see it.
same()
{
	local i got

	for ((i = 0; i < $1; i++)); do
		got=$(serial_of github.com)
		[ "$got" = "$2" ] || fail "$3: '$got' is not '$2'"
	done
}

# shellcheck disable=SC2317
gone()		# ROLE PID COUNT
{
	role_pids "$1" | grep -qx "$2" && return 1
	[ "$(role_pids "$1" | wc -l)" -eq "$3" ]
}

# shellcheck disable=SC2317
answers()
{
	[ -n "$(serial_of example.com)" ]
}

lines_of()	# NAME: issues in the journal
{
	grep -c " name=$1 " "$journal"
}

journal=$(find "$LAB/run" -name issued.log)
db=$(find "$LAB/run" -name products.db)
[[ -n $journal && -n $db ]] || fail "no journal or no products.db"
[ "$(stat -c %a "$db")" = 600 ] || fail "others can read products.db"

lab_debug_start "$LAB/debug.out"
first=$(serial_of github.com)
[ -n "$first" ] || fail "no certificate"
same 25 "$first" "both workers"
lab_debug_stop
has "$(cat "$LAB/debug.out")" "name=github.com .*given out again" \
    "the second worker asked too"
rsa=$(serial_of rsa.example -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256)
[ -n "$rsa" ] || fail "no RSA certificate"
[ "$(lines_of github.com)" -eq 1 ] || fail "issued more than once"
[ -s "$db" ] || fail "nothing was written"
grep -qa github.com "$db" && fail "the file is not encrypted"

# The origin of github.com staples a response, that of example.com does not.
has "$(lab_chain github.com -status)" "Cert Status: good" "stapled"
has "$(lab_chain example.com -status)" "OCSP response: no response sent" \
    "nothing to staple"

# wad-keys is killed, and a worker, and all of it is started again.
pid=$(role_pids keys | head -n 1)
kill -9 "$pid"
lab_wait 3 gone keys "$pid" 1 || fail "wad-keys did not come back"
pid=$(role_pids worker | head -n 1)
kill -9 "$pid"
lab_wait 3 gone worker "$pid" 2 || fail "the worker did not come back"
lab_wait 5 answers || fail "no connection after the kills"
same 25 "$first" "after kill -9 of wad-keys and of a worker"
lab_openwad_stop
printf 'torn tail' >>"$db"
lab_openwad_run || fail "openwad did not start again"
same 25 "$first" "after a restart"
[ "$(serial_of rsa.example -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256)" = \
    "$rsa" ] || fail "the RSA certificate changed"
[ "$(lines_of github.com)" -eq 1 ] || fail "issued again"

# wad-keys is killed while certificates are made.
for ((i = 0; i < 40; i++)); do
	lab_curl -o /dev/null "https://n$i.wild.example/" 2>/dev/null
	[ $i -ne 30 ] || kill -9 "$(role_pids keys | head -n 1)"
done
lab_wait 5 answers || fail "no connection after the kill"
[ "$(grep -c " name=n[0-9]*.wild.example " "$journal")" -ge 35 ] ||
    fail "certificates were not made"
same 5 "$first" "after a kill in the middle"

# Another CA of the same name: nothing of the old one is shown.
lab_ca "$LAB_CA" "$LAB_CA"
cp "$LAB/pki/$LAB_CA.crt" "$LAB/pki/$LAB_CA.key" "$LAB/run/certs/"
kill -HUP "$(cat "$LAB/openwad.pid")"
# shellcheck disable=SC2317
by_new_ca()
{
	lab_curl -o /dev/null https://github.com/
}
lab_wait 5 by_new_ca || fail "the new CA is not in use"
second=$(serial_of github.com)
[[ -n $second && $second != "$first" ]] || fail "the CA changed, not it"
same 10 "$second" "of the new CA"
[ "$(lines_of github.com)" -eq 2 ] || fail "not issued once more"
exit 0
