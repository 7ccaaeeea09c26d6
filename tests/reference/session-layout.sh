#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The record of a live session has the lines and fields of the document's
# record (session-seed.txt), in its order: both with their values masked.  The
# forms for a session without NAT and for IPv6 are made of it by what they
# leave out.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
ref=$top_srcdir/tests/reference

# Masks values, keeps names, words of the layout, blanks and the line's end.
# What a shaper says is gone: without one the line ends behind "=".
mask()
{
	sed -E -e 's/^(origin|reply)-shaper=.*/\1-shaper=/' \
	    -e 's/^state=.* $/state=WORDS /' -e 's/:::[0-9]+/ADDR/g' \
	    -e 's/\b[0-9a-f]*(:[0-9a-f]*){2,}:[0-9]+/ADDR/g' \
	    -e 's/\b[0-9]+(\.[0-9]+){3}:[0-9]+/ADDR/g' \
	    -e 's/\b[0-9]+(\.[0-9]+){3}/IP/g' \
	    -e 's/=(0x)?[0-9a-f]{6,8}\b/=\1HEX/g' \
	    -e 's/\b(tos=)[0-9a-f]+\/[0-9a-f]+/\1T\/T/' \
	    -e 's/\b[0-9]+/N/g'
}

record()	# session|session6
{
	ctl diagnose sys "$1" list | sed '/^$/q' | sed '/^$/d'
}

same()	# WHAT WANTED GOT
{
	diff -u <(printf '%s\n' "$2") <(printf '%s\n' "$3") ||
	    fail "$1: another layout (- document, + openwad)"
}

hold()	# WORD ADDRESS
{
	lab_spawn c "$1" python3 "$here/holder.py" tls "$2" github.com
	lab_wait 15 grep -q ready "$LAB/$1.out" || fail "$(cat "$LAB/$1.out")"
}

gone()	# WORD session|session6
{
	lab_kill "$1"
	lab_wait 5 eval "lab_ctl diagnose sys $2 list | grep -q 'session 0'" ||
	    fail "$1 is still there"
}

nat()	# enable|disable
{
	printf '%s\n' "config firewall policy" "edit 11" "set nat $1" next \
	    end | "$LAB_BIN/wadctl" -s "$LAB/run/control.sock" >/dev/null ||
	    fail "nat $1"
}

seed=$(mask <"$ref/session-seed.txt")
# Without NAT: two tuples, both noop (reference: the same product's records).
plain=$(sed -e '/act=dnat/d' -e \
    's/hook=post dir=org act=snat/hook=pre dir=org act=noop/' <<<"$seed")
# session6 has fewer fields, and a blank before "->".
six()
{
	sed -E -e 's/^session info/session6 info/' \
	    -e 's/ refresh_dir=both//' -e 's/ socktype=N//' \
	    -e 's/ av_idx=N/ sockflag=N/' -e '/^(pos|serial|rpdb|no_of)/d' \
	    -e '/^tx speed/d' -e 's/^class_id=.*/ha_id=N/' \
	    -e '/^ha_id/a policy_dir=N tunnel=/' -e 's/ gwy=.*//' \
	    -e 's/(act=[a-z]+ ADDR)->/\1 ->/' -e 's/ pol_uuid_idx=N//' \
	    -e 's/^(misc=.*)/\1 serial=HEX/' -e 's/=NxHEX/=HEX/' <<<"$1"
}

hold four "$LAB_ORIGIN4"
same "IPv4, NAT" "$seed" "$(record session | mask)"
gone four session
hold six "$LAB_ORIGIN6"
same "IPv6, NAT" "$(six "$seed")" "$(record session6 | mask)"
gone six session6

nat disable
hold own4 "$LAB_ORIGIN4"
same "IPv4, no NAT" "$plain" "$(record session | mask)"
gone own4 session
hold own6 "$LAB_ORIGIN6"
same "IPv6, no NAT" "$(six "$plain")" "$(record session6 | mask)"
gone own6 session6
exit 0
