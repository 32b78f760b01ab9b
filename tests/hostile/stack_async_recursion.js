// SPDX-License-Identifier: MIT
// Async functions and generators that call themselves.
// expect: closed
// limits: memory=128M;turn-cpu=5s
const f = async (n) => (await f(n + 1)) + 1;
async function* g() {
    yield* g();
}
function* h() {
    yield* h();
}
let refused = 0;
for (const run of [() => f(0), () => g().next(), async () => h().next()]) {
    try {
        await run();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
if (refused !== 3) {
    throw new Error(`refused ${refused}`);
}
close();
