#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every kind of exemption passes a connection on byte for byte, both ways; what
# is not exempt is not.  The origin of port 9443 speaks no TLS at all: only a
# tunnel that nobody looks into reaches it.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
by_subnet=10.9.11.101 by_rating=10.9.11.102 by_net6=fd09:11::101
LAB_EXTRA="config firewall address
edit one
set subnet $by_subnet 255.255.255.255
next
edit name
set type fqdn
set fqdn Pin.Example.
next
edit resolved
set type fqdn
set fqdn dead.example
next
end
config firewall address6
edit six
set ip6 $by_net6/128
next
end
config firewall wildcard-fqdn custom
edit updates
set wildcard-fqdn *.Update.Example.
next
end
config webfilter ftgd-local-rating
edit $by_rating
set rating 31
next
end
config firewall ssl-ssh-profile
edit custom-deep-inspection
config https
set ports 443 9443
set cert-probe-failure block
set unsupported-ssl-negotiation block
end
set ssl-exemption-log enable
config ssl-exempt
edit 11
set type address
set address one
next
edit 12
set type address6
set address6 six
next
edit 13
set type address
set address name
next
edit 16
set type address
set address resolved
next
edit 14
set type wildcard-fqdn
set wildcard-fqdn updates
next
edit 15
set type regex
set regex ^pay[0-9]+[.]example\$
next
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
# An address of the lab's resolver that nobody has yet.
by_name=$LAB_DEAD4
ip -n "ow$LAB_NAME-g" neigh delete "$by_name" dev wan
# (no duplicate address detection in the lab, see lab_net)
for a in $by_subnet/24 $by_rating/24 "$by_name/24" $by_net6/64; do
	ip -n "ow$LAB_NAME-o" addr add "$a" dev eth0 ||
	    fail "address $a"
done
for a in "$LAB_ORIGIN4" "$LAB_ORIGIN6" $by_subnet $by_rating "$by_name" \
    $by_net6; do
	lab_spawn o "tunnel-$a" python3 "$here/tunnel.py" serve "$a"
	lab_wait 10 lab_in o python3 -c "import socket
socket.create_connection(('$a', 9443), timeout=2).close()" ||
	    fail "no server at $a"
done

tunnel()	# ADDRESS SNI [PROXY NAME]
{
	lab_in c timeout 60 python3 "$here/tunnel.py" send "$@" 2>&1
}

passes()	# KIND ADDRESS SNI [PROXY NAME]
{
	local kind=$1 out

	shift
	out=$(tunnel "$@") || fail "$kind: $* is not passed on: $out"
	[ "$kind" = - ] || lab_wait 5 grep -q "is exempt from inspection .$kind" \
	    "$LAB/run/log/openwad.log" || fail "$kind is not logged"
}

inspected()	# ADDRESS SNI [PROXY NAME]
{
	tunnel "$@" >"$LAB/tunnel.out" && fail "$* went through uninspected"
}

passes x_cate "$LAB_ORIGIN4" bank.example
passes x_cate "$LAB_ORIGIN6" bank.example
passes - "$LAB_ORIGIN4" BANK.Example
passes x_addr $by_subnet any.example
passes - $by_subnet -
passes - $by_net6 any.example
passes - "$LAB_ORIGIN4" pin.example
passes - "$LAB_ORIGIN6" PIN.EXAMPLE
passes x_wildcard "$LAB_ORIGIN4" a.update.example
passes - "$LAB_ORIGIN4" A.UPDATE.example
passes - "$LAB_ORIGIN4" update.example
passes x_regex "$LAB_ORIGIN4" pay7.example
passes - "$LAB_ORIGIN4" Pay7.Example
passes - $by_rating unrated.example
passes - $by_rating -

passes - "$by_name" dead.example
passes - "$by_name" -

inspected "$LAB_ORIGIN4" -
inspected "$by_name" github.com
inspected "$LAB_ORIGIN4" github.com
inspected "$LAB_ORIGIN4" bank.example.evil.example
inspected "$LAB_ORIGIN4" xupdate.example
inspected "$LAB_ORIGIN4" pay.example
inspected "$LAB_ORIGIN4" x.pin.example
inspected $by_rating github.com		# a name with a rating of its own

# The explicit proxy: only what both names exempt is exempt.
passes - x bank.example "$LAB_LAN4" bank.example
inspected x bank.example "$LAB_LAN4" github.com
inspected x github.com "$LAB_LAN4" bank.example

# Nothing of the web filter is in the log of what was exempt.
lab_wait 5 grep -q 'hostname="pin.example".*inspect="exempt"' \
    "$LAB/run/log/openwad.log" || fail "no traffic log of an exempt one"
grep 'inspect="exempt"' "$LAB/run/log/openwad.log" | grep countweb &&
    fail "the web filter touched what is exempt"
exit 0
