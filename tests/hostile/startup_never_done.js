// SPDX-License-Identifier: MIT
// A main module that waits for ever, with timers that keep it alive.
// expect: startup
// limits: startup=500ms
setInterval(() => {}, 10);
await new Promise(() => {});
