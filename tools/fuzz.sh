#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/fuzz.sh SECONDS [BOUNDARY_SECONDS]: builds every fuzz target (clang, libFuzzer, ASan+UBSan) and runs each
# that long on its corpus, those where a guest's text decides what it may do (permissions, URLs, hosts, headers, limits)
# BOUNDARY_SECONDS; two at a time. New inputs stay in build-fuzz; crashes too.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
boundary=${2:-$seconds}

run_one() { # target, seconds of the ordinary ones, of those at the boundary
    local target=$1 seconds=$2 name=${1##*/fuzz-} log
    case $name in perm | url | host | header | limits) seconds=$3 ;; esac
    log=build-fuzz/log-$name
    mkdir -p "build-fuzz/new/$name"
    local args=(-max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1
        -artifact_prefix="build-fuzz/crash-$name-")
    [ -f "tests/fuzz/$name.dict" ] && args+=(-dict="tests/fuzz/$name.dict")
    local rc=0
    "$target" "${args[@]}" "build-fuzz/new/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 || rc=$?
    echo "== $name, $seconds s"
    grep -E 'ERROR|SUMMARY|stat::number_of_executed_units|stat::new_units' "$log" || rc=1
    if [ $rc -ne 0 ] || ls build-fuzz/crash-"$name"-* >/dev/null 2>&1; then
        echo "$name failed (see $log; crashes are in build-fuzz)"
        return 1
    fi
}

if [ "${1:-}" = --one ]; then
    run_one "$2" "$3" "$4"
    exit
fi
# The library is instrumented too: else the fuzzer sees the branches of the target alone, and searches blindly.
CC=clang CXX=clang++ tools/build_variant.sh build-fuzz -Dengine=false -Dfuzz=true \
    -Dc_args=-fsanitize=fuzzer-no-link -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
find build-fuzz/tests -maxdepth 1 -type f -executable -name 'fuzz-*' | sort |
    xargs -P 2 -I TARGET "$0" --one TARGET "$seconds" "$boundary"
