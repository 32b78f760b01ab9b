// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4) in plain JavaScript: work for pool.js. sha256(bytes) gives the digest as hex text.

function primes(count) {
    const found = [];
    for (let n = 2; found.length < count; n++) {
        if (found.every((p) => n % p !== 0)) {
            found.push(n);
        }
    }
    return found;
}

// The first 32 bits of the fractional part of a root.
function fraction(x) {
    return Math.floor((x - Math.floor(x)) * 2 ** 32);
}

const START = primes(8).map((p) => fraction(Math.sqrt(p)));
const ROUNDS = Uint32Array.from(primes(64), (p) => fraction(Math.cbrt(p)));

function rotate(x, n) {
    return (x >>> n) | (x << (32 - n));
}

// The message, a 1 bit, zeros, and the length in bits as 64 bits: a whole number of blocks of 64 bytes.
function padded(bytes) {
    const total = Math.ceil((bytes.length + 9) / 64) * 64;
    const out = new Uint8Array(total);
    out.set(bytes);
    out[bytes.length] = 0x80;
    const view = new DataView(out.buffer);
    view.setUint32(total - 8, Math.floor(bytes.length / 2 ** 29));
    view.setUint32(total - 4, (bytes.length << 3) >>> 0);
    return view;
}

function expand(w, view, offset) {
    for (let i = 0; i < 16; i++) {
        w[i] = view.getUint32(offset + i * 4);
    }
    for (let i = 16; i < 64; i++) {
        const a = w[i - 15];
        const b = w[i - 2];
        const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
        const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

function compress(state, w) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
        const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
        const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => {
        state[i] += x;
    });
}

export function sha256(bytes) {
    const state = Uint32Array.from(START);
    const w = new Uint32Array(64);
    const view = padded(bytes);
    for (let offset = 0; offset < view.byteLength; offset += 64) {
        expand(w, view, offset);
        compress(state, w);
    }
    return Array.from(state, (x) => x.toString(16).padStart(8, "0")).join("");
}
