#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs into a temporary prefix and uses it as an embedder would: pkg-config, the examples compiled
# against the installed headers and libraries, the installed command. DESTDIR must be honoured too.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
tmp=$(mktemp -d)
before=$(meson introspect "$build" --buildoptions |
    python3 -c 'import json,sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
restore() {
    meson configure "$build" --prefix="$before" >/dev/null
    ninja -C "$build" >/dev/null
    rm -rf "$tmp"
}
trap restore EXIT

make --no-print-directory install BUILD="$build" PREFIX="$tmp/usr" >/dev/null
make --no-print-directory install BUILD="$build" PREFIX="$tmp/usr" DESTDIR="$tmp/stage" >/dev/null
[ -x "$tmp/stage$tmp/usr/bin/cay" ] || { echo "DESTDIR was not honoured" >&2; exit 1; }
for root in "$tmp" "$tmp/stage$tmp"; do
    cmp types/cay.d.ts "$root/usr/share/cay/types/cay.d.ts"
done

pc=$(dirname "$(find "$tmp/usr" -name cay-v8.pc)")
export PKG_CONFIG_PATH=$pc
lib=$(pkg-config --variable=libdir cay)
# shellcheck disable=SC2046
gcc -std=c11 -Wall -Wextra -Werror examples/embed.c -o "$tmp/embed" $(pkg-config --cflags --libs cay-v8) \
    -Wl,-rpath,"$lib" -pthread
# shellcheck disable=SC2046
gcc -std=c11 -Wall -Wextra -Werror examples/handles-mock.c -o "$tmp/mock" \
    $(pkg-config --cflags --libs cay) -Wl,-rpath,"$lib" -pthread
# shellcheck disable=SC2046
gcc -std=gnu11 -Wall -Wextra -Werror examples/plugins.c -o "$tmp/plugins" $(pkg-config --cflags --libs cay-v8) \
    -Wl,-rpath,"$lib" -pthread
timeout 60 "$tmp/plugins" examples/plugins >/dev/null
timeout 60 "$tmp/embed" >/dev/null
timeout 60 "$tmp/mock" >/dev/null
[ "$(timeout 60 "$tmp/usr/bin/cay" eval 'console.log(1 + 1)')" = 2 ]
if ldd "$tmp/mock" | grep -E 'libnode|libcay-v8'; then
    echo "libcay alone loads the engine" >&2
    exit 1
fi
echo "installed, found by pkg-config, compiled against, run"
