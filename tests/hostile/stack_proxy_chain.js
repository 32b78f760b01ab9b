// SPDX-License-Identifier: MIT
// A chain of a hundred thousand proxies, asked for everything.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let p = () => {};
for (let i = 0; i < 1e5; i++) {
    p = new Proxy(p, {});
}
let refused = 0;
for (const look of [
    () => p.x, () => { p.x = 1; }, () => "x" in p, () => p(), () => new p(), () => Object.keys(p),
    () => Object.getPrototypeOf(p), () => delete p.x, () => Array.isArray(p), () => Reflect.construct(Object, [], p),
    () => structuredClone(p), () => console.log(p), () => JSON.stringify([p]), () => String(p), () => typeof p,
    () => Object.isExtensible(p), () => p instanceof p,
]) {
    try {
        look();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
if (refused < 8) {
    throw new Error(`refused ${refused}`);
}
close();
