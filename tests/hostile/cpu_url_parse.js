// SPDX-License-Identifier: MIT
// URLs that are costly to parse.
// expect: turn-cpu
// limits: turn-cpu=500ms
const dots = `http://h/${"a/../".repeat(1e5)}`;
const escapes = `http://h/${"%2e%2e/".repeat(1e5)}`;
for (;;) {
    new URL(dots);
    new URL(escapes);
    new URL("../".repeat(1e4), dots);
}
