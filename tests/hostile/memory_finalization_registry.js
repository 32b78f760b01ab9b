// SPDX-License-Identifier: MIT
// Registrations of objects that live.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
const registry = new FinalizationRegistry(() => {});
const list = [];
for (let i = 0; ; i++) {
    const o = {};
    list.push(o);
    registry.register(o, [i], o);
}
