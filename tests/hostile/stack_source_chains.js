// SPDX-License-Identifier: MIT
// Source text with chains of a hundred thousand links, of each kind that there is, run until it is hot.
// expect: closed
// limits: memory=256M;turn-cpu=20s
// grants: eval
// within: 40
// peak: 1000
const n = 1e5;
for (const text of [
    `a${".b".repeat(n)}`, `a${"?.b".repeat(n)}`, `a${"[0]".repeat(n)}`, `1${"**1".repeat(n)}`, `1${",1".repeat(n)}`,
    `1${"??1".repeat(n)}`, `1${"&&1".repeat(n)}`, `typeof ${"typeof ".repeat(n)}1`, `${"a:".repeat(n)}1`.replace(/a/g, (x, i) => `a${i}`),
    `if(0);${"else if(0);".repeat(n)}`, `\`${"${1}".repeat(n)}\``, `[${"[".repeat(n)}${"]".repeat(n)}]=[]`, `a=${"a=".repeat(n)}1`,
    `switch(1){${"case 1:".repeat(n)}}`, `f${"``".repeat(n)}`, `"a"${"+'b'".repeat(n)}`, `{${";".repeat(n)}}`, `var ${"a,".repeat(n)}b`,
    `({${"get a(){},".repeat(n)}})`, `class A{${"a=1;".repeat(n)}}`, `(${"a,".repeat(n)}b)=>1`, `/${"(?:a".repeat(5000)}${")".repeat(5000)}/`,
]) {
    try {
        const run = (0, eval)(`(() => { let a = {}, f = () => f; ${text} })`);
        for (let i = 0; i < 3; i++) {
            run();
        }
    } catch (e) {
        if (!(e instanceof Error)) {
            throw e;
        }
    }
}
close();
