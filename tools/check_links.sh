#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tests of handles, control, ports, codec and scheduler, the mock example and libcay itself must load
# neither V8 nor a C++ library: read from the dynamic section of what was linked.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
bad=0
seen=0
for f in "$build"/tests/unit-* "$build"/examples/handles-mock "$build"/src/libcay.so.0; do
    [ -f "$f" ] && [ -x "$f" ] || continue
    case $f in *.p) continue ;; esac
    seen=$((seen + 1))
    if ldd "$f" | grep -E 'libnode|libv8|libcay-v8' >&2; then
        echo "$f loads the engine" >&2
        bad=1
    fi
    # ICU brings libstdc++ with it for what links libcay whole; the layers' own tests need none but url's.
    case $f in *unit-port* | *unit-codec* | *unit-sched* | *unit-base*)
        if ldd "$f" | grep -E 'libstdc' >&2; then
            echo "$f loads a C++ library" >&2
            bad=1
        fi ;;
    esac
done
[ "$seen" -gt 10 ] || { echo "only $seen programs found under $build" >&2; exit 1; }
echo "$seen programs link no engine"
exit $bad
