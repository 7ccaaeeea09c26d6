#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every name of the reference transcript is defined exactly once, in the file
# that names.txt says.  A definition stands at the beginning of a line.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
bad=0
while read -r file name; do
	case $file in '' | '#'*) continue ;; esac
	where=$(cd "$top/src" && grep -l "^$name(" ./*/*.c | tr '\n' ' ')
	[ "$where" = "./$file " ] && continue
	echo "$name: defined in ${where:-no file}, belongs in $file"
	bad=1
done <"$top/tests/lint/names.txt"
exit $bad
