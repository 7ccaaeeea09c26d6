#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a category database costs: built, updated, opened, asked.
# usage: catdb.sh [NAMES]; top_builddir says where openwad was built.
set -eu
n=${1:-10000000}
build=${top_builddir:-.}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
b=$build/tests/bench/bench_catdb
c=$build/src/wad-catdb
"$b" names "$n" >"$dir/names"
head -n $((n / 2)) "$dir/names" >"$dir/first"
tail -n +$((n / 2 + 1)) "$dir/names" >"$dir/second"
echo "www.added.example" >"$dir/third"
"$c" build -o "$dir/db" "$dir/first=52" "$dir/second=36"
"$c" update "$dir/db" "$dir/third=31"
"$c" query "$dir/db" added.example www.added.example
"$b" ask "$dir/db" "$n"
