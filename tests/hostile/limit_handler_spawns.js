// SPDX-License-Identifier: MIT
// The handler of `limit` starts workers that loop, as heirs.
// expect: cpu|turn-cpu
// limits: memory=128M;cpu=400ms;turn-cpu=400ms
addEventListener("limit", () => {
    for (let i = 0; i < 10; i++) {
        new Worker("data:text/javascript,for (;;);");
    }
});
for (;;);
