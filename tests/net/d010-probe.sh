#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certificate-inspection looks at the certificate too: a handshake of
# openwad's own comes first, and the profile decides; and a name that is exempt
# opens nothing for a server that cannot prove it (exempt-sni-check).
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
# shellcheck disable=SC2034
LAB_STATUS=certificate-inspection
net_start
root=$LAB/pki/root.crt
other=$LAB_ORIGIN4	# and port 9443: a server that is not what it says

https()		# LINE...: settings of the profile's https block
{
	printf '%s\n' "config firewall ssl-ssh-profile" \
	    "edit custom-deep-inspection" "config https" "$@" end next end |
	    lab_ctl >/dev/null || fail "wadctl"
}

logged()	# TEXT: in the log, within a moment
{
	lab_wait 5 grep -q "$1" "$LAB/run/log/openwad.log"
}

seen()		# NAME: what the client reads, or why not
{
	lab_curl -k "https://$1/" 2>&1
}

[ "$(issuer_of github.com)" = "Lab Origin Issuing CA" ] ||
    fail "a good server is not passed as it is"
hasnt "$(seen expired.example)" "client=" "an expired certificate passed"
has "$(seen untrusted.example)" "client=" "untrusted is allowed by default"
has "$(seen wrong.example)" "client=" "another name, of no category"
hasnt "$(seen liar.example)" "client=" "its certificate is of a blocked name"
https "set untrusted-server-cert block" "set sni-server-cert-check strict"
hasnt "$(seen untrusted.example)" "client=" "untrusted-server-cert block"
hasnt "$(seen wrong.example)" "client=" "sni-server-cert-check strict"
has "$(lab_curl --cacert "$root" https://github.com/)" "client=" "good"
logged "cert-untrusted" || fail "no reason logged"

# A server whose certificate cannot be fetched.
https "set ports 443 9443"
lab_spawn o plain python3 "$here/plainserver.py" "$other" 9443
listens()
{
	lab_wait 10 lab_in o bash -c "exec 3<>/dev/tcp/$other/9443"
}
listens || fail "the plain server does not listen"
plain()
{
	# a whole ClientHello, then what comes back
	lab_in c curl -s --max-time 10 -k --resolve "x.example:9443:$other" \
	    https://x.example:9443/ >/dev/null 2>"$LAB/err"
	lab_in c timeout 10 openssl s_client -connect "$other:9443" \
	    -servername x.example </dev/null 2>&1
}
out=$(plain)
has "$out" "wrong version|packet length|unknown protocol|record" \
    "cert-probe-failure allow: the server's own bytes"
https "set cert-probe-failure block"
out=$(plain)
has "$out" "alert handshake failure" "cert-probe-failure block: our alert"
lab_kill plain

# exempt-sni-check: deep inspection, bank.example is exempt by category.
lab_spawn o liar python3 "$here/plainserver.py" "$other" 9443 \
    "$LAB/pki/untrusted.example.crt" "$LAB/pki/untrusted.example.key"
listens || fail "the lying server does not listen"
lie()		# the tunnel that a lying SNI opens
{
	lab_in c curl -sk --max-time 10 --resolve "bank.example:9443:$other" \
	    https://bank.example:9443/
}
https "set status deep-inspection" "set untrusted-server-cert block" \
    "set sni-server-cert-check strict"
has "$(lie)" "other server" "without the check the name is believed"
lab_ctl >/dev/null <<-C || fail "wadctl"
	config firewall ssl-ssh-profile
	edit custom-deep-inspection
	set exempt-sni-check enable
	next
	end
C
hasnt "$(lie)" "other server" "a lying SNI opened a tunnel"
[ "$(issuer_of bank.example)" = "Lab Origin Issuing CA" ] ||
    fail "the true bank is not exempt any more"
logged "would be exempt" || fail "nothing logged"
exit 0
