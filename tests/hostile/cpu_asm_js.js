// SPDX-License-Identifier: MIT
// asm.js needs no grant, and V8 gives it to the compiler of WebAssembly, in one go, for whatever memory that takes.
// expect: closed|turn-cpu|memory|heap|lost
// limits: memory=64M;turn-cpu=2s
// loses: thread
// within: 40
const source = `
    function Module(stdlib) {
        "use asm";
        var imul = stdlib.Math.imul;
        function f(x) {
            x = x | 0;
            ${"x=x^(x+5|0);".repeat(50000)}
            return x | 0;
        }
        return { f: f };
    }
    export const { f } = Module({ Math });`;
const { f } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
for (let i = 0; i < 1000; i++) {
    f(i);
}
close();
