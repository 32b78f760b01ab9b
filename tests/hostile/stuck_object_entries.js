// SPDX-License-Identifier: MIT
// Object.fromEntries and Object.entries of a million names.
// expect: lost|turn-cpu|memory|heap
// limits: memory=256M;turn-cpu=300ms
// loses: thread
// peak: 900
const wide = {};
for (let i = 0; i < 3e5; i++) {
    wide[`name${i}`] = i;
}
for (;;) {
    Object.fromEntries(Object.entries(wide));
}
