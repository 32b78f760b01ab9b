// SPDX-License-Identifier: MIT
// What shows objects is a library that a guest can reach; it runs on the guest's own time.
// expect: turn-cpu|closed
// limits: turn-cpu=300ms
Array.prototype.push = () => {
    for (;;);
};
console.log({ a: [1, 2, 3] }, new Map([[1, 2]]));
close();
