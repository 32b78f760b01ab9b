// SPDX-License-Identifier: MIT
// A listener that fires its own event.
// expect: turn-cpu
// limits: turn-cpu=500ms
// uncaught: report
const target = new EventTarget();
target.addEventListener("x", () => {
    target.dispatchEvent(new Event("x"));
});
target.dispatchEvent(new Event("x"));
for (;;) {
    target.dispatchEvent(new Event("y"));
}
