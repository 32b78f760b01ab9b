// SPDX-License-Identifier: MIT
// expect: exit=3 stdout~^one\n$
// cay.exit ends at once with the code given.
console.log("one");
try {
    cay.exit(3);
} finally {
    console.log("two");
}
