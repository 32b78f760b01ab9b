// SPDX-License-Identifier: MIT
// A pattern that is compiled by recursion where the guest's own recursion has used up its stack.
// expect: closed|engine|heap|memory|turn-cpu|lost
// limits: memory=128M;turn-cpu=10s;stack=1.5M
// loses: thread
// alone: process
const source = `${"(?:".repeat(8000)}b${")*".repeat(8000)}`;
let n = 0;
const sink = (depth) => {
    let deeper = 0;
    try {
        deeper = sink(depth + 1);
    } catch {
        deeper = depth;
    }
    if (deeper - depth < 20) {
        try {
            new RegExp(`${source}${n++}`).exec("ab");
        } catch {
            // Refused.
        }
    }
    return deeper;
};
sink(0);
close();
