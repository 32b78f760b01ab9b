#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Format, layers, house rules, glue rules. Exit 1 when one is broken; says which.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0

unformatted=$(git ls-files '*.c' '*.h' '*.cc' | grep -v '^tests/unit/codec/golden.h' |
    xargs -P 2 -n 20 clang-format --dry-run 2>&1 | sed -n 's/^\([^:]*\):.*warning: code should be.*/\1/p' |
    sort -u)
if [ -n "$unformatted" ]; then
    echo "format: these files are not as clang-format writes them (make format):"
    echo "$unformatted"
    failed=1
else
    echo "format: clean"
fi
python3 tools/lint_layers.py || failed=1
python3 tools/lint_text.py || failed=1
[ ! -f tools/lint_js.py ] || python3 tools/lint_js.py || failed=1
python3 tools/gen_api.py --self-test && python3 tools/gen_api.py --check || failed=1
exit $failed
