// SPDX-License-Identifier: MIT
// A thenable that resolves with itself.
// expect: turn-cpu
// limits: turn-cpu=200ms
const thenable = {
    then(resolve) {
        resolve(thenable);
    },
};
await thenable;
