// SPDX-License-Identifier: MIT
// The same import fails a thousand times, and so do a thousand others.
// expect: closed
// limits: turn-cpu=10s
let failed = 0;
for (let i = 0; i < 1000; i++) {
    for (const text of ["throw 1", `import "./x${i}"`, `syntax error ${i}`]) {
        await import(`data:text/javascript,${text}`).catch(() => {
            failed++;
        });
    }
}
if (failed !== 3000) {
    throw new Error(`${failed} failed`);
}
close();
