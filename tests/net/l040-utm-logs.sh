#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records of the web filter and of TLS, each brought about by a connection of
# its kind.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
by_addr=10.9.11.105
LAB_EXTRA="config firewall address
edit one
set subnet $by_addr 255.255.255.255
next
end
config firewall wildcard-fqdn custom
edit updates
set wildcard-fqdn *.wild.example
next
end
config webfilter ftgd-local-rating
edit rsa.example
set rating 33
next
end
config webfilter urlfilter
edit 7
set name lab-urls
config entries
edit 3
set url www.example.com
set action block
next
edit 4
set url expired.example
set action monitor
next
edit 5
set url plain.example/free
set action exempt
next
end
next
end
config webfilter profile
edit web-filter-test
set log-all-url enable
config web
set urlfilter-table 7
end
config ftgd-wf
config filters
edit 50
set category 33
set action allow
next
end
end
next
end
config firewall ssl-ssh-profile
edit custom-deep-inspection
set ssl-exemption-log enable
set ssl-anomaly-log enable
set ssl-negotiation-log enable
set ssl-handshake-log enable
set ssl-server-cert-log enable
config https
set ports 443 80
set expired-server-cert ignore
set unsupported-ssl-negotiation block
end
config ssl-exempt
edit 11
set type address
set address one
next
edit 12
set type wildcard-fqdn
set wildcard-fqdn updates
next
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
log=$LAB/run/log/openwad.log
ip -n "ow$net_name-o" addr add $by_addr/24 dev eth0 || fail "address"

config()	# LINE...: one block
{
	printf '%s\n' "$@" | lab_ctl >/dev/null || fail "config: $*"
}

get()
{
	lab_curl -o /dev/null "$@" 2>/dev/null
}

common='policyid=11 poluuid="[0-9a-f-]{36}" policytype="policy" sessionid=[0-9]+ srcip=10\.20\.10\.2 srcport=[0-9]+ srcintf="lan" srcintfrole="[a-z]+" dstip=10\.9\.11\.100 dstport=443 dstintf="wan" dstintfrole="[a-z]+" proto=6 service="HTTPS"'

# ---- the web filter
get https://bet.example/
record 0316013056 'type="utm" subtype="webfilter" eventtype="ftgd_blk" level="warning"' \
    "$common hostname=\"bet.example\" profile=\"web-filter-test\" action=\"blocked\" reqtype=\"direct\" url=\"/\" sentbyte=[0-9]+ rcvdbyte=0 direction=\"outgoing\" msg=\"[^\"]+\" method=\"domain\" cat=11 catdesc=\"Gambling\" crscore=[0-9]+ craction=4194304 crlevel=\"[a-z]+\""
# The session's own record says what became of it.
record 0000000013 'hostname="bet.example"' 'utmaction="block" countweb=1' \
    'crscore=[0-9]+ craction=4194304'
get https://github.com/
record 0317013312 'eventtype="ftgd_allow" level="notice"' \
    'hostname="github.com" .*action="passthrough" .*cat=52 catdesc="Information Technology"'
get https://www.example.com/
record 0315012544 'eventtype="urlfilter" level="warning"' \
    'hostname="www.example.com" .*action="blocked".*urlfilteridx=3 urlfilterlist="lab-urls" urlsource="[^"]+" crscore=30 craction=8 crlevel="high"'
get https://expired.example/
record 0315012546 'hostname="expired.example" .*action="passthrough".*urlfilteridx=4'
# A plain request over the explicit proxy: its path, without what is asked.
lab_in c curl -s -o /dev/null --max-time 10 -x "http://$LAB_LAN4:8080" \
    "http://plain.example/a/b?password=tiger"
record 0317013317 'policyid=1 .*policytype="proxy-policy"' \
    'service="HTTP" hostname="plain.example" .*url="/a/b" httpmethod="GET"'
! grep -q tiger "$log" || fail "the query of a URL is in the log"
lab_in c curl -s -o /dev/null --max-time 10 -x "http://$LAB_LAN4:8080" \
    http://plain.example/free
record 0315012545 'action="exempted"' 'url="/free"'
# One session, one record of each.
[ "$(grep -c 'subtype="webfilter".*hostname="bet.example"' "$log")" -eq 1 ] ||
    fail "a blocked name has more than one record"

# ---- TLS
record 1702062220 'subtype="ssl" eventtype="ssl-negotiation" level="information"' \
    "$common profile=\"custom-deep-inspection\" action=\"info\" eventsubtype=\"handshake-done\" msg=\"TLS with the client TLSv1.3 [A-Z0-9_]+, with the server TLSv1.3 [A-Z0-9_]+\" sni=\"github.com\" hostname=\"github.com\" tlsver=\"tls1.3\" cipher=\"0x13[0-9a-f]+\" authalgo=\"ecdsa\" kxproto=\"ecdhe\" kxcurve=\"[a-z0-9]+\" handshake=\"full\" mitm=\"yes\""
hash=$(openssl x509 -in "$LAB/pki/github.com.crt" -outform DER | sha256sum |
    cut -d' ' -f1)
record 1702062200 'hostname="github.com"' "certhash=\"$hash\"" \
    'issuer="O = openwad lab, CN = Lab Origin Issuing CA" cn="github.com" san="github.com" sn="[0-9a-f]+" notbefore="[0-9TZ:-]+" notafter="[0-9TZ:-]+" keyalgo="ecdsa" keysize=256'
get https://bank.example/
record 1701062007 'eventtype="ssl-exempt" level="notice"' 'hostname="bank.example"' \
    'action="exempt"' 'reason="exempt-ftgd-cat"' 'cat=31'
get https://rsa.example/
record 1701062008 'hostname="rsa.example"' 'reason="exempt-local-cat"'
get https://a.wild.example/
record 1701062006 'hostname="a.wild.example"' 'reason="exempt-wildcard"'
lab_in c curl -sk -o /dev/null --max-time 10 \
    --resolve "other.example:443:$by_addr" https://other.example/
record 1701062004 "dstip=$by_addr" 'reason="exempt-addr"'
record 1700062301 'hostname="expired.example"' 'action="resign-as-trusted"'
get -k https://untrusted.example/
record 1700062302 'level="notice"' 'hostname="untrusted.example"' \
    'action="resign-as-untrusted" eventsubtype="certificate-anomaly"' \
    'reason="cert-untrusted"' 'cn="untrusted.example"'
get -k https://wrong.example/
record 1700062302 'hostname="wrong.example"' 'reason="cert-name"'
config "config firewall ssl-ssh-profile" "edit custom-deep-inspection" \
    "config https" "set untrusted-server-cert block" \
    "set sni-server-cert-check strict" "end" "next" "end"
get -k https://untrusted.example/
record 1700062303 'level="warning"' 'hostname="untrusted.example"' 'action="blocked"'
get -k https://wrong.example/
record 1700062304 'hostname="wrong.example"' 'action="blocked"'
# What is no TLS, and what is too old.
lab_in c curl -s -o /dev/null --max-time 10 "http://$LAB_ORIGIN4:443/"
record 1702062101 'eventsubtype="unexpected-protocol"' 'action="blocked"'
lab_in c timeout 10 openssl s_client -connect "$LAB_ORIGIN4:443" -tls1_1 \
    -cipher 'ALL@SECLEVEL=0' -servername github.com </dev/null >/dev/null 2>&1
record 1702062101 'eventsubtype="unsupported-ssl-version"'
config "config firewall ssl-ssh-profile" "edit custom-deep-inspection" \
    "config https" "set unsupported-ssl-negotiation allow" "end" "next" "end"
# (port 80 is one of HTTP, which is no surprise there)
lab_in c curl -s -o /dev/null --max-time 10 "http://$LAB_ORIGIN4:443/"
record 1702062102 'eventsubtype="unexpected-protocol"' 'action="bypass"' \
    'cannot be inspected'
# A server that speaks no TLS; a client that trusts another CA.
get -k https://github.com:80/ --resolve "github.com:80:$LAB_ORIGIN4"
record 1700062308 'dstport=80' 'eventsubtype="handshake-failure"'
lab_in c curl -s -o /dev/null --max-time 10 --cacert "$LAB/pki/stranger.crt" \
    --resolve "github.com:443:$LAB_ORIGIN4" https://github.com/
record 0105048038 'type="event" subtype="wad" level="error"' \
    'logdesc="SSL fatal alert received"' \
    'action="receive" alert="48" desc="unknown CA"' 'received from the client'
record 0105048039 'action="send"' 'sent to the client'

# ---- the switches
n=$(grep -c 'eventsubtype="handshake-done"' "$log")
config "config firewall ssl-ssh-profile" "edit custom-deep-inspection" \
    "set ssl-handshake-log disable" "set ssl-anomaly-log disable" "next" "end" \
    "config webfilter profile" "edit web-filter-test" "set log-all-url disable" \
    "config ftgd-wf" "config filters" "edit 41" "set log disable" "next" \
    "end" "end" "next" "end" "config log eventfilter" "set webproxy disable" "end"
web=$(grep -c 'subtype="webfilter"' "$log") wad=$(grep -c 'subtype="wad"' "$log")
get https://github.com/ || fail "github.com"
lab_in c curl -s -o /dev/null --max-time 10 --cacert "$LAB/pki/stranger.crt" \
    --resolve "github.com:443:$LAB_ORIGIN4" https://github.com/
get -k https://untrusted.example/	# what is blocked is said all the same
# shellcheck disable=SC2317
twice()
{
	[ "$(grep -c 'logid="1700062303"' "$log")" -ge 2 ]
}
lab_wait 5 twice ||
    fail "a blocked certificate is not said without ssl-anomaly-log"
[ "$(grep -c 'eventsubtype="handshake-done"' "$log")" -eq "$n" ] ||
    fail "ssl-handshake-log disable"
[ "$(grep -c 'subtype="webfilter"' "$log")" -eq "$web" ] ||
    fail "log disable of a category, log-all-url disable"
[ "$(grep -c 'subtype="wad"' "$log")" -eq "$wad" ] ||
    fail "log eventfilter / webproxy disable"

# ---- no rating
config "config openwad settings" "set category-db /nowhere/categories.db" "end"
get https://github.com/
record 0318012800 'eventtype="ftgd_err" level="error"' 'hostname="github.com"' \
    'action="blocked"' 'msg="A rating error occurs" error="[^"]+"'
config "config webfilter profile" "edit web-filter-test" "config ftgd-wf" \
    "set options error-allow" "end" "next" "end"
get https://github.com/ || fail "error-allow"
record 0318012800 'action="passthrough"'
exit 0
