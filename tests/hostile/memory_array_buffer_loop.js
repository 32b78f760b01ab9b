// SPDX-License-Identifier: MIT
// Asks again and again for what is refused. V8 collects the heap several times before each refusal, and looks at a
// request to end only once in thousands of rounds of a loop that calls no function of the guest's.
// expect: turn-cpu|memory|lost
// limits: memory=32M;turn-cpu=500ms
// loses: thread
for (;;) {
    try {
        new ArrayBuffer(2 ** 30);
    } catch {
        // Once more.
    }
}
