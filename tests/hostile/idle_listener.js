// SPDX-License-Identifier: MIT
// A worker that only waits for messages that never come.
// expect: idle
// limits: idle=300ms
// quiet: stays
// tells: idle
onmessage = () => {};
