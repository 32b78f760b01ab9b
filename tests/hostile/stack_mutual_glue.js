// SPDX-License-Identifier: MIT
// Recursion that goes through one function of the glue into the next.
// expect: closed
// limits: turn-cpu=10s
// uncaught: report
addEventListener("error", (e) => e.preventDefault());
let turns = 0;
const next = () => {
    turns++;
    const text = { toString: () => (next(), "a:b") };
    switch (turns % 4) {
    case 0: return new URL(text);
    case 1: return structuredClone({ get a() { next(); return 1; } });
    case 2: return new Headers({ get a() { next(); return "1"; } });
    default: return JSON.stringify({ toJSON: next });
    }
};
try {
    next();
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
if (turns < 100) {
    throw new Error(`reached ${turns}`);
}
close();
