#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# archive.sh BUILDDIR: the release archive has every file of the repository.
# Lists in Makefile.am grow stale unseen: whoever works, works in the checkout.
# A list that names what is gone fails in make dist itself.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?"usage: $0 BUILDDIR"}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work" "$build/archive"' EXIT

make -C "$build" distdir=archive distdir >"$work/log" 2>&1 || {
	tail -n 20 "$work/log"
	echo "FAIL: archive.sh: make distdir"
	exit 1
}
git -c safe.directory='*' ls-files | grep -v '^\.gitignore$' |
    sort >"$work/want"
(cd "$build/archive" && find . -type f | sed 's|^\./||' | sort) >"$work/got"
[ -s "$work/want" ] || {
	echo "SKIP: archive.sh: this is no checkout of git"
	exit 77
}
comm -23 "$work/want" "$work/got" >"$work/missing"
[ ! -s "$work/missing" ] || {
	cat "$work/missing"
	echo "FAIL: archive.sh: these are not in the archive (EXTRA_DIST)"
	exit 1
}
echo "PASS: archive.sh"
