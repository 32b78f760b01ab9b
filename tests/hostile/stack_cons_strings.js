// SPDX-License-Identifier: MIT
// Strings tied together from the left, from the right and from both, and then read.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// peak: 700
let left = "long enough to be tied";
let right = left;
let both = left;
for (let i = 0; i < 1e6; i++) {
    left = `${left}x`;
    right = `x${right}`;
    both = i % 2 ? both + "y" : "y" + both;
}
let seen = 0;
for (const s of [left, right, both]) {
    seen += s.charCodeAt(5e5) > 0;
    seen += /z/.test(s) ? 0 : 1;
    seen += s.indexOf("q") < 0 ? 1 : 0;
}
if (seen !== 9) {
    throw new Error(`saw ${seen}`);
}
close();
