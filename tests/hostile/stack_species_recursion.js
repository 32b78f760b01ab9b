// SPDX-License-Identifier: MIT
// Array methods that make their result by calling themselves.
// expect: closed
// limits: turn-cpu=5s
class Nested extends Array {
    static get [Symbol.species]() {
        return function () {
            return new Nested(1, 2, 3).map((x) => x);
        };
    }
}
try {
    new Nested(1, 2, 3).map((x) => x);
    throw new Error("it returned");
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
close();
