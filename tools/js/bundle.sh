#!/bin/sh
# SPDX-License-Identifier: MIT
# Bundles src/js into the one script that the start-up snapshot is made from.
#
#   tools/js/bundle.sh OUTPUT [NODE_MODULES]
#
# The script is a function of the ops table, which gives back boot() (contract: src/js/README.md).
# The output is ASCII, so that V8 keeps its source in one byte a character; every worker carries it.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: bundle.sh OUTPUT [NODE_MODULES]}
modules=${2:-${CAY_NODE_MODULES:-$root/.deps/js/node_modules}}
package=$modules/node-inspect-extracted/dist/inspect.js
[ -f "$package" ] || { echo "bundle.sh: $package is missing; run tools/deps.sh" >&2; exit 1; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM

# The package is a table of inner modules and a loader. Entries that 60_inspect.js gives replace the
# package's own; should a new version look different, this says so instead of doing half of it.
loader='return function n(r){'
count=$(grep -oF "$loader" "$package" | wc -l)
[ "$count" -eq 1 ] || { echo "bundle.sh: unknown shape of node-inspect-extracted" >&2; exit 1; }
{
    echo 'export function loadInspect(overrides) { const module = { exports: {} }; const exports = module.exports;'
    sed "s/return function n(r){/for(const k in overrides)t[k]=(m)=>{m.exports=overrides[k]};&/" "$package"
    echo '; return module.exports; }'
} >"$tmp/inspect.mjs"

# The streams: the names of built-ins that the package uses lead to 39_streams_host.js.
streams=$modules/web-streams-polyfill/dist/ponyfill.mjs
[ -f "$streams" ] || { echo "bundle.sh: $streams is missing; run tools/deps.sh" >&2; exit 1; }
{
    echo 'import { AbortController, ArrayBuffer, Boolean, DataView, Error, Function, Math, Number, Object, Promise,'
    echo 'RangeError, String, Symbol, TypeError, Uint8Array, queueMicrotask, scope as globalThis, structuredClone }'
    echo "from \"$root/src/js/39_streams_host.js\";"
    cat "$streams"
} >"$tmp/streams.mjs"

# Names of functions stay (stack traces, and guests that print a class); only spaces and syntax shrink.
esbuild "$root/src/js/99_boot.js" --bundle --format=iife --global-name=__cay_glue --target=es2022 \
    --charset=ascii --minify-whitespace --minify-syntax --legal-comments=none --log-level=warning \
    "--alias:cay:inspect=$tmp/inspect.mjs" "--alias:cay:streams=$tmp/streams.mjs" \
    "--outfile=$tmp/glue.js"

{
    printf '(function (__cay_ops) {"use strict";'
    cat "$tmp/glue.js"
    printf 'return __cay_glue.boot;})\n'
} >"$tmp/wrapped.js"
mkdir -p "$(dirname "$out")"
mv "$tmp/wrapped.js" "$out"
