#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/fuzz.sh SECONDS: builds every fuzz target (clang, libFuzzer, ASan+UBSan) and runs each that long on
# its corpus. New inputs stay in build-fuzz; crashes too.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
CC=clang CXX=clang++ tools/build_variant.sh build-fuzz -Dengine=false -Dfuzz=true \
    -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
for target in build-fuzz/tests/fuzz-*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz-}
    mkdir -p "build-fuzz/new/$name"
    args=(-max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1
        -artifact_prefix="build-fuzz/crash-$name-")
    [ -f "tests/fuzz/$name.dict" ] && args+=(-dict="tests/fuzz/$name.dict")
    echo "== $name"
    "$target" "${args[@]}" "build-fuzz/new/$name" "tests/fuzz/corpus/$name" 2>&1 |
        grep -E 'ERROR|SUMMARY|stat::number_of_executed_units|stat::new_units' ||
        { echo "$name failed"; exit 1; }
    if ls build-fuzz/crash-"$name"-* >/dev/null 2>&1; then
        echo "$name: crashes in build-fuzz" >&2
        exit 1
    fi
done
