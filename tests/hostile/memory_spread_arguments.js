// SPDX-License-Identifier: MIT
// Calls with millions of arguments.
// expect: closed|memory|heap
// limits: memory=64M;turn-cpu=10s
// loses: thread
const many = new Array(5e6).fill(1);
let refused = 0;
for (const call of [
    () => Math.max(...many), () => Math.max.apply(null, many), () => Reflect.apply(Math.max, null, many),
    () => new Array(...many, ...many), () => String.fromCharCode(...many), () => Array.of(...many).length,
    () => [].push(...many), () => new (Function.prototype.bind.apply(Date, many))(),
]) {
    try {
        call();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
if (refused < 4) {
    throw new Error(`only ${refused} were refused`);
}
close();
