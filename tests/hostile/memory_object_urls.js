// SPDX-License-Identifier: MIT
// URLs of blobs, never revoked.
// expect: closed|memory|heap|main-module
// limits: memory=32M;turn-cpu=10s
const list = [];
for (let i = 0; ; i++) {
    list.push(URL.createObjectURL(new Blob([`${i}`.padStart(1000)])));
}
