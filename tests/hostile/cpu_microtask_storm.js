// SPDX-License-Identifier: MIT
// Each microtask queues the next.
// expect: turn-cpu
// limits: turn-cpu=200ms
const next = () => queueMicrotask(next);
next();
