// SPDX-License-Identifier: MIT
// A query of a hundred thousand names is sorted again and again.
// expect: turn-cpu
// limits: turn-cpu=500ms
const params = new URLSearchParams();
for (let i = 0; i < 2e4; i++) {
    params.append(`name${(i * 7919) % 20011}`, "v");
}
for (;;) {
    params.sort();
    params.get("name5");
    params.has("none");
}
