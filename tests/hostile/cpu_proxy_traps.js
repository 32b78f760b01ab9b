// SPDX-License-Identifier: MIT
// Proxies whose traps loop, handed to whatever looks at an object.
// expect: turn-cpu
// limits: turn-cpu=200ms
const loop = () => {
    for (;;);
};
console.log(new Proxy({}, new Proxy({}, { get: () => loop })));
new Headers(new Proxy({}, { ownKeys: loop }));
