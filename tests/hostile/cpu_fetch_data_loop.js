// SPDX-License-Identifier: MIT
// Fetches of data: URLs for ever.
// expect: cpu|turn-cpu
// limits: cpu=500ms;turn-cpu=500ms
for (;;) {
    await (await fetch("data:,text")).text();
}
