// SPDX-License-Identifier: MIT
// A function bound a hundred thousand times: called, constructed, asked for its realm and its name.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let f = function original() {};
for (let i = 0; i < 1e5; i++) {
    f = Function.prototype.bind.call(f, null);
}
for (const use of [() => f(), () => new f(), () => ({}) instanceof f, () => Reflect.construct(Array, [], f), () => String(f)]) {
    try {
        use();
    } catch (e) {
        if (!(e instanceof RangeError) && !(e instanceof TypeError)) {
            throw e;
        }
    }
}
close();
