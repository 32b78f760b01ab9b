// SPDX-License-Identifier: MIT
// env: LSAN_OPTIONS=detect_leaks=0
// expect: exit=0 stdout~^engine failed, 1\nok$
// flags: --max-memory=unlimited --max-startup=unlimited
// An array beyond V8's largest makes V8 abort the process; here it ends the worker that asked for it.
const source = `"x".repeat(2 ** 29 - 24).split("")`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    cay: { limits: { memory: Infinity, turnCpu: Infinity, startup: Infinity } },
});
worker.onerror = (event) => event.preventDefault();
worker.onclose = (event) => {
    console.log(`${event.reason}, ${event.exitCode}`);
    new Worker("data:text/javascript,postMessage(1)").onmessage = () => console.log("ok");
};
