#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Quotas of traffic and of time: used up in all workers, for this client only,
# in the middle of a download, after wad-control was killed, until reset.
# shellcheck disable=SC2034
LAB_WORKERS=2 NET_KILLS=1 LAB_EXTRA="config webfilter profile
edit web-filter-test
config ftgd-wf
set max-quota-timeout 2
config filters
edit 40
set category 11
set action monitor
next
end
config quota
edit 1
set category 52
set type traffic
set unit KB
set value 3000
next
edit 2
set category 11
set type time
set duration 4s
next
end
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab
head -c 1000000 /dev/zero >"$LAB/www/one"
head -c 60000000 /dev/zero >"$LAB/www/sixty"
lab_openwad_start || fail "openwad did not start"

get()	# URL [options]: status and bytes
{
	lab_curl -H "Accept: text/html" -o /dev/null \
	    -w '%{http_code} %{size_download}' "$@"
}

[ "$(get https://github.com/file/one)" = "200 1000000" ] || fail "a download"
lab_wait 4 eval "lab_ctl diagnose webfilter quota list |
    grep -Eq '10.20.10.2 .*web-filter-test +1 traffic +1[0-9]{6} +3072000  open'" ||
    fail "the list: $(ctl diagnose webfilter quota list)"
record 0319013315 'hostname="github.com"' 'action="passthrough"'

# In the middle of a download it ends.
out=$(get https://github.com/file/sixty --limit-rate 8M 2>/dev/null)
bytes=${out#* }
[ "$bytes" -lt 40000000 ] || fail "a download over the quota: $out"
for _ in 1 2 3 4 5 6; do
	has "$(get https://example.com/)" "^403 " "over, in some worker"
done
out=$(lab_curl -H "Accept: text/html" https://github.com/)
has "$out" "quota" "the page"
record 0319013316 'hostname="github.com"' 'action="blocked"'
lab_in c ip addr add 10.20.10.77/24 dev eth0
has "$(get https://github.com/ --interface 10.20.10.77)" "^200 " \
    "another client"

# Time: views of two seconds at most.
has "$(get https://bet.example/)" "^200 " "time, first"
sleep 1
has "$(get https://bet.example/)" "^200 " "time, second"
lab_wait 8 eval "lab_ctl diagnose webfilter quota list |
    grep -Eq ' 2 time +3 +4  open'" || fail "a view ends: $(ctl diagnose \
    webfilter quota list)"
has "$(get https://bet.example/)" "^200 " "time, third"
lab_wait 4 eval 'get https://bet.example/ | grep -q ^403' || fail "time is up"

# What was used stays used, as soon as it is in a file.
touch "$LAB/now"
get https://github.com/ --interface 10.20.10.77 >/dev/null
# shellcheck disable=SC2317	# lab_wait calls them
kept() { find "$LAB/run/state" -name "quotas*" -newer "$LAB/now" | grep -q .; }
# shellcheck disable=SC2317
two() { [ "$(role_pids worker | wc -l)" = 2 ]; }
lab_wait 10 kept || fail "no file: $(find "$LAB/run/state")"
kill -9 "$(role_pids control)"
lab_wait 5 eval "lab_ctl diagnose webfilter quota list | grep -q used" ||
    fail "wad-control is not back"
out=$(ctl diagnose webfilter quota list)
has "$out" "1 traffic .* used up" "after wad-control was killed"
has "$out" "2 time .* used up" "after wad-control was killed"
kill -9 "$(role_pids worker | head -n 1)"
lab_wait 5 two || fail "no worker"
# shellcheck disable=SC2317
all_over()
{
	for _ in 1 2 3 4 5 6; do
		[[ $(get https://example.com/) == "403 "* ]] || return 1
	done
}
lab_wait 3 all_over || fail "after kills: open in some worker"

out=$(ctl diagnose webfilter quota reset client 10.20.10.2)
has "$out" "2 reset" "reset"
has "$(get https://github.com/)" "^200 " "after reset"
exit 0
