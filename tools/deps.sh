#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what the build needs and is missing. Called by every make target; a second run costs
# a few milliseconds because a stamp remembers the last complete run of this very file.
#
#   tools/deps.sh            what `make run` needs
#   tools/deps.sh --test     also what `make test` needs (clang for fuzzing and thread analysis)
#
# V8 comes from Debian's libnode-dev. Where that cannot be installed (another vendor's nodejs is on
# the machine), the .debs are downloaded by apt and unpacked into .deps/v8, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/.."

want_test=0
[ "${1:-}" = "--test" ] && want_test=1
stamp=.deps/stamp-$want_test
sum=$(cat tools/deps.sh tools/js/package-lock.json | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then exit 0; fi
mkdir -p .deps

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        echo "deps: need root to run: $*  (no sudo found)" >&2
        exit 1
    fi
}

updated=0
update_once() {
    [ "$updated" = 1 ] && return
    as_root apt-get update -qq
    updated=1
}

have() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

install_missing() {
    local missing=()
    for p in "$@"; do have "$p" || missing+=("$p"); done
    [ ${#missing[@]} -eq 0 ] && return 0
    update_once
    echo "deps: installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null
}

packages=(gcc g++ make pkg-config meson ninja-build python3 esbuild libjansson-dev libicu-dev libcmocka-dev
    libuv1-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libbrotli-dev)
[ $want_test = 1 ] && packages+=(clang clang-format libclang-rt-14-dev)
[ $want_test = 1 ] && ! apt-cache show libclang-rt-14-dev >/dev/null 2>&1 && {
    update_once
    if ! apt-cache show libclang-rt-14-dev >/dev/null 2>&1; then # Debian 13 names it by version 19
        packages=("${packages[@]/libclang-rt-14-dev/libclang-rt-dev}")
    fi
}
install_missing "${packages[@]}"

# V8: the distribution's package, else its files in a folder of our own.
v8_from_debs() {
    local dir=.deps/v8 tmp=.deps/debs
    [ -e "$dir/usr/include/node/v8.h" ] && return 0
    update_once
    local lib
    lib=$(apt-cache depends libnode-dev | sed -n 's/.*Depends: \(libnode[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$lib" ] || { echo "deps: the package lists know no libnode-dev" >&2; exit 1; }
    echo "deps: unpacking $lib and libnode-dev into $dir"
    rm -rf "$tmp" "$dir.part"
    mkdir -p "$tmp" "$dir.part"
    (cd "$tmp" && apt-get download -qq "$lib" libnode-dev)
    for deb in "$tmp"/*.deb; do dpkg -x "$deb" "$dir.part"; done
    # The other shared libraries that libnode needs are ordinary packages.
    local needs
    needs=$(dpkg-deb -f "$tmp/$lib"_*.deb Depends | tr ',' '\n' | sed 's/[|(].*//; s/ //g' | grep -v '^$')
    # shellcheck disable=SC2086
    install_missing $needs
    rm -rf "$dir" "$tmp"
    mv "$dir.part" "$dir"
}
if ! have libnode-dev; then
    update_once
    if apt-get install -s --no-install-recommends libnode-dev >/dev/null 2>&1; then
        install_missing libnode-dev
    else
        v8_from_debs
    fi
fi

# npm packages of the glue, pinned by the lock file, without running their scripts.
if ! command -v npm >/dev/null; then install_missing npm; fi
mkdir -p .deps/js
cp tools/js/package.json tools/js/package-lock.json tools/js/.npmrc .deps/js/
(cd .deps/js && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)

echo "$sum" >"$stamp"
