// SPDX-License-Identifier: MIT
// A timer that sets itself: little CPU, for ever.
// expect: wall
// limits: wall=500ms
// tells: wall
setInterval(() => {}, 10);
