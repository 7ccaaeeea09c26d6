#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target reads its seeds (tests/fuzz/corpus/WHAT) once.
set -u
src=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}/tests/fuzz
build=${top_builddir:-$(pwd)/..}/tests/fuzz
bad=0 n=0
for c in "$src"/fuzz_*.c; do
	[ -e "$c" ] || continue
	t=$(basename "$c" .c)
	[ -x "$build/$t" ] || { echo "$t is not built"; bad=1; continue; }
	set -- "$src/corpus/${t#fuzz_}"
	[ -d "$1" ] || set --
	if [ $# -gt 0 ] && "$build/$t" -help=1 2>&1 | grep -q libFuzzer; then
		set -- -runs=1000 -seed=1 "$1"
		scratch=$(mktemp -d)
		"$build/$t" "${@:1:2}" "$scratch" "$3" || bad=1
		rm -rf "$scratch"
	else
		"$build/$t" "$@" || { echo "$t failed"; bad=1; }
	fi
	n=$((n + 1))
done
[ "$n" -gt 0 ] || exit 77
exit $bad
