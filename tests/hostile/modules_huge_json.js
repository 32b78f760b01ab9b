// SPDX-License-Identifier: MIT
// A JSON module of eight million numbers.
// expect: closed|memory|heap|turn-cpu|lost
// limits: memory=64M;turn-cpu=5s
// loses: thread
// peak: 900
try {
    await import(`data:application/json,[${"[],".repeat(4e6)}1]`, { assert: { type: "json" } });
} catch {
    // Refused.
}
close();
