# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What every test in namespaces starts with:
#	. "${top_srcdir:?}/tests/net/lib.sh"
#	net_start
# Exit 0 passed, 1 failed, 77 skipped.  The lab's words (lab_*) are in
# contrib/lab.sh; OPENWAD_KEEP=1 leaves the lab of a failed test standing.  A
# test in which a role crashes fails, unless it set NET_KILLS=1.
set -u

top_srcdir=${top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
# shellcheck disable=SC2034	# for the tests
here=$top_srcdir/tests/net
# shellcheck source=contrib/lab.sh
. "$top_srcdir/contrib/lab.sh"
net_name=t$$
# A wait ends when what it waits for is there.  How long it may last says only
# when to give up: sanitizers and a busy machine need several times as long.
# What must be quick is measured.
# shellcheck disable=SC2034	# for lab_wait
LAB_PATIENCE=4

skip()
{
	echo "SKIP: $*"
	exit 77
}

fail()
{
	echo "FAIL: $*"
	exit 1
}

net_end()
{
	local rv=$?

	trap - EXIT INT TERM
	if [ $rv -eq 0 ] && [ -z "${NET_KILLS:-}" ] &&
	    grep "killed by signal" "$LAB/openwad.out" 2>/dev/null; then
		echo "FAIL: a process of openwad crashed"
		rv=1
	fi
	if [ $rv -ne 0 ] && [ $rv -ne 77 ]; then
		echo "--- openwad said:"
		tail -n 60 "$LAB/openwad.out" 2>/dev/null
		if [ -n "${OPENWAD_KEEP:-}" ]; then
			echo "lab kept: namespaces ow$net_name-*, $LAB"
			exit $rv
		fi
	fi
	lab_down "$net_name" "$LAB"
	exit $rv
}

# net_lab: the lab alone; net_start: the lab with openwad running.
net_lab()
{
	[ -z "${OPENWAD_NO_NET:-}" ] || skip "OPENWAD_NO_NET is set"
	lab_possible || skip "no lab can be made here, see above"
	for t in openwad wadctl wad-catdb wad-keys wad-worker wad-control \
	    wad-lookup wad-export; do
		[ -x "$top_builddir/src/$t" ] || fail "$t is not built"
	done
	LAB=$(mktemp -d /tmp/openwad-test.XXXXXX)
	trap net_end EXIT
	trap 'exit 1' INT TERM
	lab_up "$net_name" "$LAB" "$top_builddir/src" ||
	    fail "the lab did not come up"
}

net_start()
{
	net_lab
	if [ -n "${LAB_EXPLICIT:-}" ]; then
		command -v dnsmasq >/dev/null || skip "dnsmasq is missing"
		lab_dns_start || fail "no resolver"
	fi
	lab_openwad_start || fail "openwad did not start"
}

need()	# PROGRAM...: skip when one is missing
{
	local t

	for t; do
		command -v "$t" >/dev/null || skip "$t is missing"
	done
}

python_with()	# MODULE...: $python is one that has them, else skip
{
	local m

	m=$(printf 'import %s;' "$@")
	for python in python3 /usr/bin/python3; do
		"$python" -c "$m" 2>/dev/null && return
	done
	skip "Python's $* is missing"
}

# shellcheck disable=SC2317	# lab_wait calls it
origin_listens()	# PORT
{
	lab_in o ss -Hltn "sport = :$1" | grep -q .
}

origin_on()	# PORT...: somebody at the origin's side takes connections
{
	local port

	for port; do
		lab_wait 10 origin_listens "$port" || fail "no origin on $port"
	done
}

# shellcheck disable=SC2317	# lab_wait calls it
find_record()	# PATTERN...: a line of the log that holds each of them
{
	local lines p

	lines=$(cat "$LAB/run/log/openwad.log")
	for p; do
		lines=$(grep -E -- "$p" <<<"$lines") || return 1
	done
	[ -n "$lines" ]
}

record()	# LOGID PATTERN...: such a record comes within five seconds
{
	lab_wait 5 find_record "logid=\"$1\"" "${@:2}" ||
	    fail "no record $*: $(grep "logid=\"$1\"" \
	    "$LAB/run/log/openwad.log" | tail -n 2)"
}

# shellcheck disable=SC2317	# lab_wait calls it
all_logged()
{
	local stats

	stats=$(lab_ctl diagnose wad stats) || return 1
	grep -q '^active = 0 ' <<<"$stats" || return 1
	[ "$(cat "$LAB"/run/log/openwad.log* | grep -c 'type="traffic"')" -ge \
	    "$(sed -n 's/^sessions = \([0-9]*\) .*/\1/p' <<<"$stats")" ]
}

settled()	# all sessions are over, and each has its record
{
	lab_wait 10 all_logged || fail "sessions without a record: \
$(lab_ctl diagnose wad stats | grep -E '^(active|sessions) =')"
}

has()	# TEXT PATTERN WHAT: the text must hold the extended pattern
{
	grep -Eq -- "$2" <<<"$1" || fail "$3: no /$2/ in: $1"
}

hasnt()
{
	! grep -Eq -- "$2" <<<"$1" || fail "$3: /$2/ in: $1"
}

ctl()
{
	lab_ctl "$@" || fail "wadctl $*"
}

# The processes of a role that this test's openwad started, one a line.
role_pids()	# worker | keys | control | lookup | export
{
	local pid

	for pid in $(ip netns pids "ow$net_name-g"); do
		case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
		*wad-"$1"*) echo "$pid" ;;
		esac
	done
}

memory()	# RssAnon | VmRSS | VmHWM ROLE...: KiB of all their processes
{
	local key=$1 role pid sum=0

	shift
	for role; do
		for pid in $(role_pids "$role"); do
			sum=$((sum + $(awk -v k="$key:" '$1 == k { print $2 }' \
			    "/proc/$pid/status")))
		done
	done
	echo $sum
}

issuer_of()	# NAME [s_client options]: CN of the issuer the client sees
{
	lab_chain "$@" | openssl x509 -noout -issuer 2>/dev/null |
	    sed 's/.*CN *= *//'
}
