#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Words and kinds of files (web content), HTTP/1.1 and HTTP/2: a page instead
# of a page, an end in the middle of a long one, packed pages, charsets, words
# that exempt, what a browser is allowed to ask for, records.
# shellcheck disable=SC2034
LAB_EXTRA='config webfilter content
edit 3
set name lab-words
config entries
edit forbidden
set status enable
set score 6
next
edit "secret plan"
set status enable
set score 4
next
edit "bl[uü]e[0-9]+"
set status enable
set pattern-type regexp
set score 10
next
edit "Übel"
set status enable
set score 10
next
edit lesson
set status enable
set action exempt
next
end
next
end
config webfilter content-header
edit 4
set name lab-types
config entries
edit "^application/x-bad"
set action block
next
end
next
end
config webfilter profile
edit web-filter-test
config web
set bword-threshold 10
set bword-table 3
set content-header-list 4
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
mkdir "$LAB/w"
chmod 755 "$LAB" "$LAB/w"
{
	echo "<p>forbidden</p>"
	yes "<p>nothing of interest on this line</p>" | head -c 30000
	echo "<p>the plan</p>"
} >"$LAB/w/page"
{
	yes "<p>nothing of interest on this line</p>" | head -c 400000
	echo "<p>Forbidden, and the SECRET</p>"
	yes "<p>never seen</p>" | head -c 400000
} >"$LAB/w/long"
yes "<p>forbidden things, and again forbidden</p>" | head -c 20000 \
    >"$LAB/w/once"
gzip -c "$LAB/w/page" >"$LAB/w/page.gz"
printf '<p>\xdcBEL</p>' >"$LAB/w/latin1"
printf '<p>\xc3\xbcbel</p>' >"$LAB/w/utf8"
printf 'blüe77' >"$LAB/w/regex"
{ cat "$LAB/w/page"; echo "a lesson"; } >"$LAB/w/lesson"
head -c 50000000 /dev/zero | gzip -9c >"$LAB/w/bomb.gz"
cat >>"$LAB/www.inc" <<E
location /w/ { default_type text/html; alias $LAB/w/; }
location /gz/ { default_type text/html; add_header Content-Encoding gzip;
	alias $LAB/w/; }
location /br/ { default_type text/html; add_header Content-Encoding br;
	alias $LAB/w/; }
location /bin/ { default_type application/octet-stream; alias $LAB/w/; }
location /bad/ { default_type application/x-bad-thing; alias $LAB/w/; }
location /ask { default_type text/plain;
	return 200 "encodings=\$http_accept_encoding\n"; }
E
lab_origin_reload || fail "the origin does not reload"

code()	# PATH: the status
{
	lab_curl "$version" -o /dev/null -w '%{http_code}' \
	    "https://github.com$1"
}

is()	# GOT WANTED WHAT
{
	[ "$1" = "$2" ] || fail "$version $3: '$1', not '$2'"
}

for version in --http1.1 --http2; do
	is "$(code /w/page)" 403 "a page with both words"
	out=$(lab_curl "$version" https://github.com/w/page)
	has "$out" "words in the page are blocked" "$version the page instead"
	hasnt "$out" "nothing of interest" "$version something of the page"
	is "$(code /w/once)" 200 "a word counts once"
	is "$(lab_curl "$version" https://github.com/w/once | cksum)" \
	    "$(cksum <"$LAB/w/once")" "a page that passes is as it was"
	is "$(code /gz/page.gz)" 403 "gzip"
	is "$(code /w/regex)" 403 "a regular expression"
	is "$(code /w/utf8)" 403 "UTF-8"
	is "$(code /w/latin1)" 403 "Latin-1"
	is "$(code /w/lesson)" 200 "a word that exempts"
	is "$(code /bin/page)" 200 "no text"
	is "$(code /bad/page)" 403 "a kind of file"
	is "$(code /br/page)" 403 "an encoding that cannot be read"
	is "$(code /gz/page)" 403 "no gzip at all"
	out=$(lab_curl "$version" https://github.com/w/long 2>&1) &&
	    fail "$version: a long page has come to its end"
	has "$out" "nothing of interest" "$version the beginning of it"
	hasnt "$out" "never seen" "$version its end"
	out=$(lab_curl "$version" -o "$LAB/w.out" -w '%{size_download}' \
	    https://github.com/gz/bomb.gz)
	[ "$out" -lt 60000 ] || fail "$version a bomb: $out bytes"
	out=$(lab_curl "$version" https://github.com/ask \
	    -H 'Accept-Encoding: gzip, br, zstd;q=0.5, deflate')
	is "$out" "encodings=gzip, deflate" "what can be read is asked for"
	out=$(lab_curl "$version" -H 'Accept-Encoding: br' \
	    https://github.com/ask)
	is "$out" "encodings=identity" "only what cannot be read"
	out=$(lab_curl "$version" --head -o /dev/null -w '%{http_code}' \
	    https://github.com/w/page)
	is "$out" 200 "HEAD"
	# many at once
	for _ in $(seq 40); do
		printf 'url=https://github.com/w/%s\noutput=/dev/null\n' \
		    page once
	done >"$LAB/many"
	out=$(lab_curl "$version" -s --no-progress-meter --parallel --parallel-max 40 \
	    -w '%{http_code}\n' -K "$LAB/many" | sort | uniq -c | tr -s ' \n' ' ')
	is "$out" " 40 200 40 403 " "many at once"
done

record 0301012288 'eventtype="content" level="warning"' 'url="/w/page"' \
    'action="blocked".* statuscode=403'
record 0301012288 'url="/w/long"' 'action="blocked"'
record 0302012290 'url="/w/lesson"' 'keyword="lesson"'
exit 0
