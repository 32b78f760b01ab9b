// SPDX-License-Identifier: MIT
// Modules that import themselves, while they are evaluated and after.
// expect: closed
// limits: turn-cpu=5s
const name = "data:text/javascript,export let a = 1; export { a as default }";
const module = await import(name);
if (module !== (await import(name)) || module.default !== 1) {
    throw new Error("not the same module");
}
await import("data:text/javascript,globalThis.again = import(import.meta.url); await 0;");
if (!(await globalThis.again)) {
    throw new Error("it did not find itself");
}
close();
