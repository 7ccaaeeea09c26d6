#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the session table says is so: addresses of both legs, NAT, devices and
# gateways, policy, category, states, counters; for IPv4 and IPv6, inspected,
# exempt, explicit, and without NAT.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 dnsmasq
net_start

index_of()	# DEVICE of the gateway
{
	lab_in g cat "/sys/class/net/$1/ifindex"
}

conf()	# TEXT: configuration
{
	"$LAB_BIN/wadctl" -s "$LAB/run/control.sock" <<<"$1" >/dev/null ||
	    fail "the console does not take: $1"
}

hold()	# WORD holder.py's arguments...: sets $port
{
	local word=$1

	shift
	lab_spawn c "$word" python3 "$here/holder.py" "$@"
	lab_wait 15 grep -q ready "$LAB/$word.out" ||
	    fail "$word: $(cat "$LAB/$word.out")"
	port=$(sed -n 's/ready port=//p' "$LAB/$word.out")
}

record()	# session|session6 PORT: the record of the client with this port
{
	ctl diagnose sys "$1" list | awk -v RS= -v p=":$2 ?->" '$0 ~ p'
}

lan=$(index_of lan) wan=$(index_of wan)
# A client behind a router, which is the lab's client.
lab_in c ip addr add 10.99.0.5/32 dev lo
lab_in g ip route add 10.99.0.0/24 via "$LAB_CLIENT4"

# ---- inspected, IPv4, NAT
hold deep tls "$LAB_ORIGIN4" github.com
out=$(record session "$port")
has "$out" "proto=6 proto_state=11 duration=[0-9]+ expire=3[0-9]+ timeout=3600" \
    "states of both sides"
has "$out" "^state=log redir local may_dirty f00 url_cat_valid *$" "words"
has "$out" "dev=$lan->$wan/$wan->$lan gwy=0.0.0.0/0.0.0.0" "neighbours"
a=$LAB_CLIENT4:$port b=$LAB_ORIGIN4:443
has "$out" "act=snat $a->$b\($LAB_WAN4:$port\)" "source NAT"
has "$out" "act=dnat $b->$LAB_WAN4:$port\($a\)" "the way back"
has "$out" "policy_id=11 " "policy"
has "$out" "url_cat=52" "category"
# What the client's kernel has counted; a busy worker may tell of it late.
# shellcheck disable=SC2317
counted()
{
	local info org sent segs

	org=$(record session "$port" |
	    sed -n 's/.*org=\([0-9]*\)\/\([0-9]*\)\/.*/\1 \2/p')
	info=$(lab_in c ss -tniH "sport = :$port")
	sent=$(grep -o 'bytes_sent:[0-9]*' <<<"$info" | cut -d: -f2)
	segs=$(grep -o ' segs_out:[0-9]*' <<<"$info" | cut -d: -f2)
	says="org=$org, client sent $sent bytes in $segs packets"
	# the SYN came to the listener
	[ "$org" = "$sent $segs" ] || [ "$org" = "$sent $((segs - 1))" ]
}
lab_wait 5 counted || fail "counters: $says"
out=$(ctl diagnose wad session list | awk -v RS= -v p=":$port" '$0 ~ p')
has "$out" "version=0304 cipher=TLS_AES" "TLS of both sides"

# ---- exempt, from behind a router
hold exempt tls "$LAB_ORIGIN4" bank.example -b 10.99.0.5
out=$(record session "$port")
has "$out" "act=snat 10.99.0.5:$port->$b" "exempt"
has "$out" "gwy=0.0.0.0/$LAB_CLIENT4" "the client's router"
has "$out" "url_cat=31" "category of an exempt one"
has "$out" "proto_state=11 " "exempt"

# ---- the server behind a router
lab_in o ip addr add 10.98.0.7/32 dev lo
lab_in g ip route add 10.98.0.0/24 via "$LAB_ORIGIN4"
hold far tls 10.98.0.7 github.com
has "$(record session "$port")" "gwy=$LAB_ORIGIN4/0.0.0.0" "server's router"

# ---- IPv6
hold six tls "$LAB_ORIGIN6" github.com
out=$(record session6 "$port")
has "$out" "act=snat $LAB_CLIENT6:$port ->$LAB_ORIGIN6:443\($LAB_WAN6:$port\)" \
    "IPv6"
has "$out" "dev=$lan->$wan/$wan->$lan" "IPv6 devices"
has "$out" "policy_id=11 " "IPv6 policy"

# ---- explicit
hold exp tls - github.com -x "$LAB_LAN4:8080"
out=$(ctl diagnose wad session list | awk -v RS= -v p=":$port\\\\(" '$0 ~ p')
has "$out" "explicit proxy $LAB_CLIENT4:$port" "explicit"
has "$out" "fw-policy=1\$" "its policy"


# ---- no NAT: the client's own address on both sides
conf "config firewall policy
edit 11
set nat disable
next
end"
hold own tls "$LAB_ORIGIN4" github.com
out=$(record session "$port")
has "$out" "act=noop $LAB_CLIENT4:$port->$b\(0.0.0.0:0\)" "no NAT"
hasnt "$out" "act=snat" "no NAT"

# ---- who never answers is there while it is tried, as half-open
lab_spawn c dead timeout 20 bash -c \
    "exec 3<>/dev/tcp/$LAB_DEAD4/443; sleep 20"
# shellcheck disable=SC2317
tried()
{
	out=$(lab_ctl diagnose sys session list |
	    awk -v RS= -v p="$LAB_DEAD4:443" '$0 ~ p')
	[ -n "$out" ]
}
lab_wait 3 tried || fail "who never answers is not in the list"
has "$out" "proto_state=21 .* timeout=10" "half-open"
has "$out" "^state=.*eph" "half-open"

# ---- what ended is not there any more, and its record has the same number
n=$(ctl diagnose sys session list | sed -n 's/total session //p')
[ "$n" -ge 5 ] || fail "$n sessions"
serial=$(record session "$port" | sed -n 's/^serial=\([0-9a-f]*\).*/\1/p')
lab_kill own
lab_wait 5 grep -q "sessionid=$((16#$serial)) " "$LAB/run/log/openwad.log" ||
    fail "no record of session $serial"
# shellcheck disable=SC2317
away()
{
	[ -z "$(record session "$port")" ]
}
lab_wait 2 away || fail "it is still in the list"
exit 0
