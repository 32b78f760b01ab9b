#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/build_variant.sh DIR [meson options]: configures DIR once and builds it.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$1
shift
[ -f "$dir/build.ninja" ] || meson setup "$dir" "$@"
ninja -C "$dir"
