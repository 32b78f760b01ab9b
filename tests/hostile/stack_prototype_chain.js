// SPDX-License-Identifier: MIT
// A prototype chain of a hundred thousand objects.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let o = {};
for (let i = 0; i < 1e5; i++) {
    o = Object.create(o);
}
"missing" in o;
o.missing;
Object.setPrototypeOf(o, Object.getPrototypeOf(o));
for (const key in o) {
    throw new Error(key);
}
close();
