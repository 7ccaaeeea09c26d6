#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# wad-catdb as its user sees it: build, update, where a name comes from.
set -u
c=${top_builddir:-$(pwd)/..}/src/wad-catdb
[ -x "$c" ] || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
bad=0
is() {	# what, expected, found
	[ "$2" = "$3" ] && return
	printf '%s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
	bad=1
}
mkdir -p lists/adult lists/news
printf 'a.example\n# comment\nb.example\n' >lists/adult/domains
printf 'a.example/x\n' >lists/adult/urls
printf 'n.example\nb.example\n' >lists/news/domains
printf 'c.example\nnot a name\n' >extra
here=$(pwd -P)

"$c" build -o db lists >/dev/null || bad=1
is "a name and its line" \
"b.example: 14 Pornography, 36 News and Media, list adult
  14: $here/lists/adult/domains:3
  36: $here/lists/news/domains:2" "$("$c" query db b.example)"
is "a path and its line" "a.example/x/y: 14 Pornography, list adult
  14: $here/lists/adult/urls:1" "$("$c" query db a.example/x/y)"

printf 'new.example\nb.example\n' >lists/news/domains
"$c" update db lists/news/domains extra=52 2>err >/dev/null || bad=1
is "a bad line is told" "wad-catdb: extra:2: not a host name" "$(head -1 err)"
is "gone with the new list" "n.example: 0 Unrated, not in the database" \
	"$("$c" query db n.example)"
is "come with it" "new.example: 36 News and Media, list news
  36: $here/lists/news/domains:1" "$("$c" query db new.example)"
is "the others stay" "a.example: 14 Pornography, list adult
  14: $here/lists/adult/domains:1" "$("$c" query db a.example)"
is "a list more" "w.c.example: 52 Information Technology, list extra
  52: $here/extra:1" "$("$c" query db w.c.example)"

"$c" update db --remove adult --remove "$here/extra" >/dev/null || bad=1
is "taken out" "a.example: 0 Unrated, not in the database
c.example: 0 Unrated, not in the database
b.example: 36 News and Media, list news
  36: $here/lists/news/domains:2" \
	"$("$c" query db a.example c.example b.example)"
is "count" "names: 2" "$("$c" info db | head -1)"

"$c" build -o same lists >/dev/null
"$c" update db lists extra=52 >/dev/null 2>&1
"$c" update db --remove extra >/dev/null
is "updated is what a build makes" \
	"$("$c" query same a.example a.example/x b.example new.example |
	sort)" \
	"$("$c" query db a.example a.example/x b.example new.example |
	sort)"

# a list that is empty, or another page, was not downloaded whole
cp lists/news/domains news.whole
for text in "" "<html>404 Not Found</html>"; do
	printf '%s' "$text" >lists/news/domains
	"$c" update db lists/news/domains >/dev/null 2>err && bad=1
	is "an emptied list" "wad-catdb: db: nothing is changed" "$(tail -1 err)"
	grep -q 'domains: no name in it, and the database has 2' err || {
		cat err
		bad=1
	}
	is "its names stay" "new.example: 36 News and Media, list news
  36: $here/lists/news/domains:1" "$("$c" query db new.example)"
done
cp news.whole lists/news/domains

# two updates at once: both count
cp db two
seq 30000 | sed 's/.*/x&.example/' >many
seq 30000 | sed 's/.*/y&.example/' >most
"$c" update two many=52 >/dev/null &
"$c" update two most=36 >/dev/null || bad=1
wait $! || bad=1
is "two updates at once" "x9.example: 52 Information Technology, list many
  52: $here/many:9
y9.example: 36 News and Media, list most
  36: $here/most:9" "$("$c" query two x9.example y9.example)"

# who waits says so
exec 9<two
flock 9
"$c" update two --remove most >/dev/null 2>out 9<&- &
for ((i = 0; i < 100; i++)); do
	grep -q "^wad-catdb: two: waiting for another update" out && break
	sleep 0.1
done
[ "$i" -lt 100 ] || { echo "a locked database: $(cat out)"; bad=1; }
exec 9<&-
wait $! || bad=1

sum=$(cksum <db)
"$c" update db --remove nothing >out 2>&1 && bad=1
is "an unknown list" "wad-catdb: --remove nothing: no such list in the \
database; \`wad-catdb info\` names them" "$(head -1 out)"
"$c" update db missing=52 >out 2>&1 && bad=1
"$c" update db >out 2>&1 && bad=1
"$c" update -o x db extra=52 >out 2>&1 && bad=1
"$c" build -o x -r adult extra=52 >out 2>&1 && bad=1
head -c 2200 db >cut.db
"$c" update cut.db extra=52 >out 2>&1 && bad=1
is "untouched by errors" "$sum" "$(cksum <db)"
exit $bad
