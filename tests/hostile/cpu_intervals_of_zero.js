// SPDX-License-Identifier: MIT
// A thousand intervals of 0 ms.
// expect: cpu
// limits: cpu=300ms
let n = 0;
for (let i = 0; i < 1000; i++) {
    setInterval(() => n++, 0);
}
