// SPDX-License-Identifier: MIT
// URLs of megabytes, in each part.
// expect: closed|memory|heap
// limits: memory=64M;turn-cpu=10s
// loses: thread
const long = "a".repeat(2 ** 23);
let made = 0;
for (const text of [`http://h/${long}`, `http://h/?${long}`, `http://h/#${long}`, `http://${long}/`, `data:,${long}`, `${long}:`]) {
    try {
        made += new URL(text).href.length > 0;
    } catch (e) {
        made += e instanceof TypeError ? 0 : 100;
    }
}
if (made >= 100) {
    throw new Error("a URL that is too long must be a TypeError");
}
close();
