// SPDX-License-Identifier: MIT
// Each listener adds another to the list that is being called.
// expect: closed|turn-cpu
// limits: turn-cpu=500ms
let calls = 0;
const add = () => {
    calls++;
    addEventListener("x", () => add());
};
add();
for (let i = 0; i < 12; i++) {
    dispatchEvent(new Event("x"));
}
close();
