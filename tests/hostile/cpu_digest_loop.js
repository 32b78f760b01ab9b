// SPDX-License-Identifier: MIT
// Digests without end, awaited one by one: the threads for them are not the worker's CPU, its turns are.
// expect: cpu|wall
// limits: cpu=300ms;wall=5s;startup=5s
const bytes = new Uint8Array(2 ** 16);
for (;;) {
    await crypto.subtle.digest("SHA-256", bytes);
}
