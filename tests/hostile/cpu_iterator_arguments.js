// SPDX-License-Identifier: MIT
// An endless iterator where the glue takes a sequence.
// expect: turn-cpu|memory|heap|lost
// limits: memory=32M;turn-cpu=1s
// loses: thread
const endless = {
    *[Symbol.iterator]() {
        for (;;) {
            yield ["a", "b"];
        }
    },
};
for (const call of [() => new Headers(endless), () => new URLSearchParams(endless), () => new Blob(endless)]) {
    try {
        call();
    } finally {
        continue;
    }
}
