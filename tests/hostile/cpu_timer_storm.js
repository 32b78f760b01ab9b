// SPDX-License-Identifier: MIT
// Each timer sets two: the turns are short and never end.
// expect: cpu
// limits: cpu=300ms
let set = 0;
const storm = () => {
    set--;
    while (set < 5000) {
        setTimeout(storm, 0);
        set++;
    }
};
storm();
