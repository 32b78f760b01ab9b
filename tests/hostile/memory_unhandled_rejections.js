// SPDX-License-Identifier: MIT
// Rejections that nobody handles, in one turn.
// expect: memory|heap|turn-cpu|uncaught
// limits: memory=32M;turn-cpu=1s
// uncaught: report
for (;;) {
    Promise.reject(new Error("nobody handles this"));
}
