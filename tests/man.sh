#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages: without a fault in mandoc's eyes; their options are those
# that the programs tell of themselves; every field that the code writes into
# a log record is explained.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
build=${top_builddir:-$top}
man=$build/doc/man
bad=0

complain()
{
	printf '%s\n' "$*"
	bad=1
}

command -v mandoc >/dev/null || {
	echo "mandoc is not there"
	exit 77
}

for page in openwad.8 wadctl.8 wad-catdb.8 openwad.conf.5 openwad-log.5; do
	[ -s "$man/$page" ] || complain "$page was not made"
	# where the other pages are not installed, references lead nowhere
	said=$(mandoc -T lint -W style "$man/$page" |
	    grep -v 'STYLE: referenced manual not found')
	[ -z "$said" ] || complain "$said"
	grep -n '^@' "$man/$page" && complain "$page: a table was left out"
done

# The options in a text, one a line: -x, --long.
options()
{
	grep -oE '(^|[^[:alnum:]-])--?[[:alpha:]][[:alnum:]-]*' |
	    sed -E 's/^[^-]*//' | grep -E '^(-[[:alpha:]]|--.+)$' | sort -u
}

# Whether a program takes an option; it is told to print its help and end.
takes()
{
	local words=("$2" x -h)

	case $1 in
	wadctl) words=("$2" -h) ;;
	wad-catdb) words=(build "$2" x -h) ;;
	esac
	! "$build/src/$1" "${words[@]}" </dev/null 2>&1 |
	    grep -qE '(invalid|unrecognized) option'
}

for prog in openwad wadctl wad-catdb; do
	takes "$prog" -Z && complain "$prog takes any option"
	help=$("$build/src/$prog" -h 2>&1) ||
	    complain "$prog -h: exit status $?"
	# [-hV] in a usage line stands for -h and -V
	help=$(sed -E 's/\[-([[:alpha:]])([[:alpha:]])\]/[-\1] [-\2]/' \
	    <<<"$help")
	page=$(mandoc -T ascii "$man/$prog.8" | sed 's/.\x08//g')
	listed=$(sed -n '/^DESCRIPTION/,/^EXIT/p' <<<"$page" |
	    grep -E '^ {5}-' | options)
	[ -n "$listed" ] || complain "$prog(8) lists no options"
	for o in $(options <<<"$help"); do
		grep -qxF -- "$o" <<<"$listed" ||
		    complain "$prog(8) lacks $o"
		takes "$prog" "$o" || complain "$prog -h tells of $o"
	done
	for o in $listed; do
		takes "$prog" "$o" || complain "$prog(8) tells of $o"
	done
	"$build/src/$prog" --no-such-option </dev/null >/dev/null 2>&1
	rc=$?
	sed -n '/^EXIT STATUS/,/^EXAMPLES/p' <<<"$page" |
	    grep -qE "^ {5}$rc " ||
	    complain "$prog(8) does not tell of exit status $rc"
done

# Keys of fields: the second argument of wad_log_str and its like.
while read -r key; do
	grep -q "^FIELD(\"$key\"," "$top/src/man/log_field.def" ||
	    complain "field $key= is not in src/man/log_field.def"
done < <(cat "$top"/src/*/*.c | tr '\n\t' '  ' |
    grep -oE 'wad_log_(str|strn|strf|u64|ip)\( *&?[a-z]+, +"[a-z0-9_]+"' |
    grep -oE '"[a-z0-9_]+"$' | tr -d '"' | sort -u)
exit $bad
