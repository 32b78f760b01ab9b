// SPDX-License-Identifier: MIT
// An import whose module waits for ever.
// expect: startup
// limits: startup=500ms
setInterval(() => {}, 10);
await import("data:text/javascript,setInterval(() => {}, 10); await new Promise(() => {})");
