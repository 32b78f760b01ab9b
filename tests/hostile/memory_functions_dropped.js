// SPDX-License-Identifier: MIT
// Code from strings, dropped at once: what the engine keeps of it must stay small.
// expect: cpu|turn-cpu
// limits: memory=32M;cpu=1s;turn-cpu=1s
// grants: eval
for (let i = 0; ; i++) {
    (0, eval)(`(() => { ${"var a = 1; ".repeat(50)} return ${i}; })()`);
}
