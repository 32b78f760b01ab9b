// SPDX-License-Identifier: MIT
// A script bound by the CPU: objects, strings, maps and numbers, in turns of some milliseconds.
import { result } from "./compat.mjs";
import { measure } from "./measure.mjs";

function objects(n) {
    const list = [];
    for (let i = 0; i < n; i++) {
        list.push({ id: i, name: String(i), tags: [i, i + 1] });
    }
    return list.reduce((sum, { id, name, tags }) => sum + id + name.length + tags[1], 0);
}

function maps(n) {
    const map = new Map();
    for (let i = 0; i < n; i++) {
        map.set(`k${i % 500}`, (map.get(`k${i % 500}`) ?? 0) + i);
    }
    return map.size;
}

function numbers(n) {
    let x = 1;
    for (let i = 0; i < n; i++) {
        x = (x * 1103515245 + 12345) % 2147483648;
    }
    return x;
}

async function run(n) {
    for (let i = 0; i < n; i++) {
        objects(2000);
        maps(3000);
        numbers(50000);
        JSON.parse(JSON.stringify({ list: Array.from({ length: 500 }, (_, k) => ({ k })) }));
        await new Promise((resolve) => setTimeout(resolve, 0));
    }
}

result(await measure(run, { minMs: 400, batches: 5 }));
