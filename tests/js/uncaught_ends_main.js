// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~TypeError.*uncaught_ends_main.js:6
// An uncaught error in a task ends the command with code 1 and says where.
setTimeout(() => console.log("not reached"), 1000);
setTimeout(() => {
    null.x;
}, 0);
