// SPDX-License-Identifier: MIT
// Blobs of a megabyte.
// expect: closed|memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const chunk = new Uint8Array(2 ** 20);
const list = [];
try {
    while (list.length < 200) {
        list.push(new Blob([chunk, "text"]));
    }
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
if (list.length > 40) {
    throw new Error(`${list.length} MB of blobs with a limit of 32`);
}
close();
