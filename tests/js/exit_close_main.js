// SPDX-License-Identifier: MIT
// expect: exit=0 stdout~^a\nb\n$
// close() in the main worker: this task ends, no other begins.
setTimeout(() => console.log("never"), 0);
console.log("a");
close();
console.log("b");
