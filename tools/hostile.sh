#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The attacks of tests/hostile, four at a time. What fails so is tried once more by itself: deadlines are of the wall, and a
# machine that four attacks share with others may miss one. The last line is "N passed, N failed".
#
#   tools/hostile.sh RUNNER [ARGUMENTS...]
set -uo pipefail
runner=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout 800 "$@" --at-a-time 4 >"$log" 2>/dev/null
cat "$log"
line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
passed=$(echo "$line" | sed 's/ passed.*//')
failed=$(echo "$line" | sed 's/.* passed, \([0-9]*\) failed.*/\1/')
[ -n "$line" ] || { echo "0 passed, 1 failed"; exit 1; }
for name in $(sed -n 's/^FAIL  *\([a-z0-9_]*\) .*/\1/p' "$log"); do
    if timeout 120 "$runner" --only "$name" 2>/dev/null | tee "$log" | grep -q "^ok *$name "; then
        echo "$name passes by itself"
        passed=$((passed + 1))
        failed=$((failed - 1))
    else
        cat "$log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
