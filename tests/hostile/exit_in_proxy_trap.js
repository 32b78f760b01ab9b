// SPDX-License-Identifier: MIT
// Ends itself in the trap of a proxy that is being cloned.
// expect: closed
// limits: turn-cpu=2s
new Headers(new Proxy({ a: "b" }, { ownKeys: () => cay.exit() }));
throw new Error("it went on");
