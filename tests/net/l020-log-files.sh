#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Log files: execute log, a new file by size, USR1, deletion, and a disk that
# is really full (a small tmpfs), with every setting that says what happens.
# shellcheck disable=SC2034
LAB_WORKERS=1 NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3 mount
net_lab
log=$LAB/run/log/openwad.log
mkdir -p "$LAB/run/log"
mount -t tmpfs -o size=8m none "$LAB/run/log" || skip "no tmpfs"
# shellcheck disable=SC2154
trap 'rv=$?; lab_kill openwad; umount "$LAB/run/log" 2>/dev/null; (exit $rv); net_end' EXIT
lab_openwad_start || fail "openwad did not start"

# script LINE...: on one console; the answers
script()
{
	printf '%s\n' "$@" | lab_ctl
}

# logs COUNT: test records, 5 of them of traffic each time
logs()
{
	local i

	for ((i = 0; i < $1; i++)); do
		echo diagnose log test
	done | lab_ctl >/dev/null || fail "diagnose log test"
}

# shellcheck disable=SC2317	# lab_wait calls it
traffic_is()	# COUNT: so many records of traffic in all files
{
	[ "$(cat "$LAB"/run/log/openwad.log* |
	    grep -c 'type="traffic"')" -eq "$1" ]
}

# shellcheck disable=SC2317
shows()	# PATTERN LINE...: what a console answers to these lines
{
	grep -Eq -- "$1" <<<"$(script "${@:2}")"
}

lost()
{
	lab_ctl get system status | sed -n 's/^log .* lost \([0-9]*\).*/\1/p'
}

# --- what was logged can be found ---
for n in github.com example.com; do
	lab_curl -o /dev/null "https://$n/" || fail "$n"
	record 0000000013 "hostname=\"$n\""
done
out=$(script "execute log filter category 0" "execute log filter device disk" \
    "execute log display") || fail "display: $out"
has "$out" '^2 logs found\.$' found
has "$out" '^2 logs returned\.$' returned
has "$out" '^1: date=....-..-.. time=..:..:.. eventtime=[0-9]{19} .*example\.com' newest
has "$out" '^2: date=.*type="traffic" subtype="forward".*github\.com' older
out=$(script "execute log filter field hostname github.com" \
    "execute log filter free-style \"dstport==443 and not action==deny\"" \
    "execute log display")
has "$out" '^1 logs found\.$' filtered
has "$out" '^1: .*hostname="github\.com"' filtered
out=$(script "execute log filter device memory" "execute log display")
has "$out" '^2 logs found\.$' memory
out=$(lab_ctl execute log filter device)
[ "$out" = "$(printf 'Available devices:\n 0: memory\n 1: disk')" ] ||
    fail "devices: $out"
out=$(lab_ctl execute log filter category)
has "$out" '^ 3: utm-webfilter$' categories
has "$out" '^17: utm-ssl$' categories
out=$(script "execute log filter free-style \"srcip==10.0.0.1 and\"" 2>&1) &&
    fail "a wrong expression was taken"
has "$out" 'column 20: a field' "where it is wrong"

# --- the configuration knows a wrong one, too ---
out=$(script "config log disk filter" "config free-style" "edit 1" \
    "set filter \"(level==loud)\"" "next" "end" "end" 2>&1) &&
    fail "a wrong filter was taken"
has "$out" 'free-style 1: filter: column 9: not a level' configured

# --- a new file by size ---
script "config log disk setting" "set max-log-file-size 1" "set quota 4" \
    "end" >/dev/null || fail settings
logs 200			# about 3 MB
lab_wait 5 traffic_is 1002 || fail "not all of 1,002 are in the files"
n=$(find "$LAB/run/log" -name 'openwad.log-????????-??????*' | wc -l)
[ "$n" -ge 2 ] || fail "$n closed files"
[ "$(find "$LAB/run/log" -name 'openwad.log*' -size +1025k | wc -l)" -eq 0 ] ||
    fail "a file is too big: $(ls -l "$LAB/run/log")"
lab_wait 5 shows "^$n logs found\.\$" "execute log filter category event" \
    "execute log filter field logid 0100090007" \
    "execute log filter field reason size" "execute log display" ||
    fail "not $n records of new files"
out=$(script "execute log filter view-lines 1000" "execute log display")
has "$out" '^1002 logs found\.$' "all files are searched"
has "$out" '^1000: ' "all files are searched"
[ "$(lost)" = 0 ] || fail "lost $(lost)"
has "$(lab_ctl get system status)" "^log-folder $LAB/run/log\$" status
has "$(lab_ctl get system status)" "^log openwad.log size [0-9]+ closed $n " \
    status
logs 250			# more than the quota
lab_ctl execute log display >/dev/null	# what was logged is written first
k=$(du -k --apparent-size "$LAB/run/log" | cut -f1)
[ "$k" -le 4200 ] || fail "$k KB are more than the quota"

# --- somebody moves the file, with and without a word ---
mv "$log" "$LAB/run/log/moved"
kill -USR1 "$(cat "$LAB/openwad.pid")"
lab_wait 3 test -e "$log" || fail "USR1 made no new file"
lab_curl -o /dev/null https://github.com/ || fail "github.com"
lab_wait 3 grep -q hostname=.github.com "$log" || fail "no record after USR1"
rm "$log"
lab_wait 8 test -e "$log" || fail "a deleted file did not come back"
lab_curl -o /dev/null https://example.com/ || fail "example.com"
lab_wait 3 grep -q hostname=.example.com "$log" || fail "no record after rm"
rm "$LAB/run/log/moved"

# the journal of certificates, too: the new one names the end of the old one
j=$LAB/run/state/issued.log
mv "$j" "$LAB/old-journal"
kill -USR1 "$(cat "$LAB/openwad.pid")"
lab_wait 3 test -s "$j" || fail "USR1 made no new journal"
last=$(sed -n '$s/.* hash=//p' "$LAB/old-journal")
has "$(head -n 1 "$j")" " start pid=[0-9]+ after=$last hash=" journal

# --- delete asks, and takes one category ---
out=$(lab_ctl execute log delete </dev/null 2>&1) && fail "deleted unasked"
has "$out" '^This will delete disk traffic log$' question
has "$out" '^Do you want to continue\? \(y/n\)$' question
has "$out" 'nothing was done' question
grep -q hostname=.example.com "$log" || fail "deleted without an answer"
echo n | lab_ctl execute log delete >/dev/null
grep -q hostname=.example.com "$log" || fail "deleted after n"
echo y | lab_ctl execute log delete >/dev/null || fail "delete"
has "$(lab_ctl execute log display)" '^0 logs found\.$' "traffic is gone"
cat "$LAB"/run/log/openwad.log* | grep -q 'type="traffic"' &&
    fail "traffic in the files"
out=$(script "execute log filter category event" \
    "execute log filter field action delete" "execute log display")
has "$out" '^1 logs found\.$' "who deleted"
has "$out" 'user="root" .*msg="disk traffic log deleted by root"' who
script "execute log delete-all" y >/dev/null || fail "delete-all"
[ "$(find "$LAB/run/log" -name 'openwad.log*' | wc -l)" = 1 ] ||
    fail "delete-all left $(ls "$LAB/run/log")"

# --- the disk is full of other things ---
# fill LEAVE: all but so many KB
fill()
{
	local free

	rm -f "$LAB/run/log/filler"
	free=$(df -k --output=avail "$LAB/run/log" | tail -n 1)
	head -c "$(((free - $1) * 1024))" /dev/zero >"$LAB/run/log/filler"
}

# overwrite: the oldest files go, the newest records are there
script "config log disk setting" "set quota 100" "end" >/dev/null
fill 3000
logs 400			# about 6 MB
lab_curl -o /dev/null https://github.com/ || fail "full disk: github.com"
record 0000000013 'hostname="github.com"'
[ "$(lost)" = 0 ] || fail "overwrite lost $(lost)"
grep -v '^date=.*[^ ]$' "$log" && fail "lines that are cut"

# nolog, lose: traffic goes on, what is lost is counted and told
script "config log disk setting" "set diskfull nolog" "end" >/dev/null
fill 0
logs 900
lab_curl -o /dev/null https://github.com/ || fail "nolog: github.com"
[ "$(lost)" -gt 0 ] || fail "nothing lost on a full disk?"
has "$(lab_ctl get system status)" 'warning: the log file cannot be written' \
    "status on a full disk"
lab_wait 3 shows '^1: .*hostname="github\.com"' \
    "execute log filter device memory" "execute log display" ||
    fail "the memory log does not go on"
rm "$LAB/run/log/filler"
# shellcheck disable=SC2317
all_told()
{
	[ "$(cat "$LAB"/run/log/openwad.log* | sed -n \
	    's/.*logid="0100090006".* lost=\([0-9]*\) msg=".* lost: No space.*/\1/p' |
	    awk '{ n += $1 } END { print n + 0 }')" = "$(lost)" ]
}
lab_wait 8 all_told || fail "$(lost) lost, told:" \
    "$(cat "$LAB"/run/log/openwad.log* | grep ' lost=')"

# nolog, block: sessions are refused, none is lost, and it goes on by itself
before=$(lost)
script "config openwad settings" "set log-full block" "end" >/dev/null ||
    fail "log-full"
fill 0
lab_in c timeout 120 python3 "$here/load.py" "$LAB_ORIGIN4" \
    "$LAB/pki/$LAB_CA.crt" github.com 6000 8 >"$LAB/load.out" 2>&1
has "$(cat "$LAB/load.out")" ' [1-9][0-9]* errors' "block refuses"
lab_curl -o /dev/null https://github.com/ 2>/dev/null &&
    fail "a new session on a full disk"
rm "$LAB/run/log/filler"
lab_wait 10 lab_curl -o /dev/null https://github.com/ 2>/dev/null ||
    fail "block did not end"
ok=$(sed -n 's/^\([0-9]*\) ok.*/\1/p' "$LAB/load.out")
[ "$(lost)" = "$before" ] || fail "block lost $(($(lost) - before))"
# shellcheck disable=SC2317
says_why()
{
	n=$(cat "$LAB"/run/log/openwad.log* | grep -c 'log-full block')
	[ "$n" -ge 1 ]
}
lab_wait 5 says_why || fail "nothing says why"

# nolog holds for who starts while the disk is full, too
fill 0
files=$(cd "$LAB/run/log" && echo openwad.log*)
pid=$(role_pids control)
kill -9 "$pid"
# shellcheck disable=SC2317
another()
{
	[ -n "$(role_pids control)" ] && [ "$(role_pids control)" != "$pid" ] &&
	    lab_ctl get system status
}
lab_wait 5 another || fail "no new wad-control"
[ "$(cd "$LAB/run/log" && echo openwad.log*)" = "$files" ] ||
    fail "of $files there are $(cd "$LAB/run/log" && echo openwad.log*)"

# --- the folder itself goes: what has its name then is used ---
lab_openwad_stop
umount "$LAB/run/log" || fail "umount"
lab_openwad_start || fail "openwad did not start again"
mv "$LAB/run/log" "$LAB/run/moved"
kill -USR1 "$(cat "$LAB/openwad.pid")"
lab_wait 5 test -e "$log" || fail "no file in a new folder"
rm -r "$LAB/run/log"
lab_wait 20 test -e "$log" || fail "a removed folder did not come back"
lab_curl -o /dev/null https://example.com/ || fail "example.com"
lab_wait 5 grep -q hostname=.example.com "$log" ||
    fail "no record in the new folder"
has "$(lab_ctl execute log display)" 'hostname="example\.com"' "the new folder"
# A link there is followed when it is root's: wad-control gets the folder.
mkdir "$LAB/given"
ln -s "$LAB/given" "$LAB/link"
chown -h 65534 "$LAB/link"
# shellcheck disable=SC2317
swap()	# openwad may make a folder between the two
{
	mv "$LAB/run/log" "$LAB/run/moved$((++moves))" &&
	    mv -T "$LAB/link" "$LAB/run/log"
}
moves=0
lab_wait 5 swap || fail "no link in place of the folder"
kill -USR1 "$(cat "$LAB/openwad.pid")"
lab_ctl show system global >/dev/null || fail "show"
[ "$(stat -c %u "$LAB/given")" = 0 ] ||
    fail "a link of another user gave a folder away"
chown -h 0 "$LAB/run/log"
kill -USR1 "$(cat "$LAB/openwad.pid")"
lab_wait 5 test -e "$LAB/given/openwad.log" || fail "root's link"
hasnt "$(lab_ctl get system status)" 'cannot be written' "status"
echo "l020: $ok sessions until sessions were refused, $n lines say so"
exit 0
