// SPDX-License-Identifier: MIT
// A module that waits for itself, with a timer that keeps it alive.
// expect: wall|startup
// limits: wall=500ms
setInterval(() => {}, 10);
await import("data:text/javascript,await import(import.meta.url)");
