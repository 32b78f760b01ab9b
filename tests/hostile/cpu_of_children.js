// SPDX-License-Identifier: MIT
// The children compute, and their creator's CPU is used up.
// expect: cpu
// limits: cpu=500ms;workers=4
for (let i = 0; i < 3; i++) {
    const w = new Worker("data:text/javascript,setInterval(() => { for (let i = 0; i < 1e6; i++); })");
    w.onerror = (e) => e.preventDefault();
}
setInterval(() => {}, 20);
