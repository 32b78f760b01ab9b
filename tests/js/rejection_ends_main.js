// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~nobody cares
// An unhandled rejection that is not prevented ends the command with code 1.
Promise.reject(new Error("nobody cares"));
setTimeout(() => console.log("not reached"), 1000);
