#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every test, in the order in which a failure tells most: lint, unit, end to end, command, JavaScript, then
# the sanitizer builds and a short fuzz run. The last line is "N passed, N failed".
#
#   tools/test.sh BUILD      QUICK=1 leaves the sanitizer builds and fuzzing out
set -uo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
logs=$build/test-logs
mkdir -p "$logs"
passed=0
failed=0

count() { # name, number passed, number failed
    passed=$((passed + $2))
    failed=$((failed + $3))
    printf '%-34s %4d passed, %d failed\n' "$1" "$2" "$3"
}

# One step that passes or fails as a whole; its output is shown when it fails.
step() {
    local name=$1 log=$logs/${1//[^a-z0-9]/-}.log
    shift
    if timeout 900 "$@" >"$log" 2>&1; then count "$name" 1 0; else
        count "$name" 0 1
        tail -n 60 "$log"
    fi
}

# A step that prints a last line "N passed, N failed" of its own.
counting() {
    local name=$1 log=$logs/${1//[^a-z0-9]/-}.log line
    shift
    timeout 900 "$@" >"$log" 2>&1
    local rc=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [ -z "$line" ]; then
        count "$name" 0 1
        tail -n 60 "$log"
        return
    fi
    local ok bad
    ok=$(echo "$line" | sed 's/ passed.*//')
    bad=$(echo "$line" | sed 's/.* passed, \([0-9]*\) failed.*/\1/')
    [ $rc -ne 0 ] && [ "$bad" = 0 ] && bad=1
    count "$name" "$ok" "$bad"
    [ "$bad" = 0 ] || grep -vE '^(ok|pass)' "$log" | tail -n 60
}

# meson's own runner: one line a program, taken apart into the tests inside by their cmocka reports.
meson_tests() { # name, build directory, arguments
    local name=$1 dir=$2
    shift 2
    local log=$logs/${name//[^a-z0-9]/-}.log
    timeout 1200 meson test -C "$dir" --no-rebuild --print-errorlogs --verbose "$@" >"$log" 2>&1
    local rc=$?
    local ok bad
    ok=$(grep -cE '^(▶ .*)?\[ *OK *\]|\[       OK \]' "$log")
    bad=$(grep -cE '\[  FAILED  \] [a-z_0-9]+$' "$log")
    local programs
    programs=$(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
    [ "$ok" -gt 0 ] || ok=${programs:-0}
    [ $rc -ne 0 ] && [ "$bad" = 0 ] && bad=1
    count "$name" "$ok" "$bad"
    [ $rc -eq 0 ] || grep -E 'FAILED|TIMEOUT|FAIL |ERROR|Error|SUMMARY|runtime error|error:' "$log" | head -n 60
}

step "lint" tools/lint.sh
meson_tests "unit" "$build" --suite unit
meson_tests "engine" "$build" --suite engine
meson_tests "examples" "$build" --suite examples
meson_tests "abi" "$build" --suite abi
step "no engine in the link" tools/check_links.sh "$build"
step "install" tools/check_install.sh "$build"
meson_tests "end to end" "$build" --suite e2e
counting "command" python3 tools/run_cli_tests.py "$build/cay" tests/cli
counting "javascript" python3 tools/run_js_tests.py "$build/cay" tests/js
# The program bounds what it may write to by itself, and stops when it holds too much.
counting "hostile" tools/hostile.sh "$build/tests/hostile"
step "soak" "$build/tests/soak"

if [ "${QUICK:-0}" != 1 ]; then
    export ASAN_OPTIONS=detect_stack_use_after_return=0:abort_on_error=0:allocator_may_return_null=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

    step "asan+ubsan build" tools/build_variant.sh build-asan -Db_sanitize=address,undefined -Db_lundef=false
    meson_tests "asan+ubsan unit" build-asan --suite unit --timeout-multiplier 4
    meson_tests "asan+ubsan end to end" build-asan --suite e2e --suite engine --timeout-multiplier 4
    CAY_TEST_TIMEOUT=60 counting "asan+ubsan command" python3 tools/run_cli_tests.py build-asan/cay tests/cli
    CAY_TEST_TIMEOUT=60 counting "asan+ubsan javascript" python3 tools/run_js_tests.py build-asan/cay tests/js
    # What a lost thread held is lost with it, by design.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 counting "asan+ubsan hostile" tools/hostile.sh build-asan/tests/hostile \
        --only "buffer_*" --only "exit_*" --only "queue_*" --only "clone_*"
    step "tsan build" tools/build_variant.sh build-tsan -Db_sanitize=thread -Db_lundef=false -Dengine=false
    meson_tests "tsan unit" build-tsan --suite unit --timeout-multiplier 8
    step "clang thread-safety build" env CC=clang CXX=clang++ tools/build_variant.sh build-clang -Dwerror=true
    step "fuzz smoke" tools/fuzz.sh "${FUZZ_SECONDS:-5}" "${FUZZ_BOUNDARY_SECONDS:-20}"
fi

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
