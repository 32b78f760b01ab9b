// SPDX-License-Identifier: MIT
// Takes records from a server, has them judged by code that nobody vouches for, and keeps the good ones.
//
//   cay run --allow-net=HOST:PORT --allow-write=DIR examples/js/fetch-validate/main.js URL DIR [VALIDATOR]
//
// The validator runs in a worker without any rights: a hole in it, or a record made to find one, leads to no file
// and no connection. Its answer is judged too: it says which records are good, and never what is written.

const TIMEOUT = 5000;
const MAX_BYTES = 1 << 20;

async function fetchRecords(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    if (!response.ok) {
        throw new Error(`${url} answers ${response.status}`);
    }
    const text = await response.text();
    if (text.length > MAX_BYTES) {
        throw new RangeError(`${url} gives more than ${MAX_BYTES} bytes`);
    }
    const records = JSON.parse(text);
    if (!Array.isArray(records)) {
        throw new TypeError(`${url} gives no list`);
    }
    return records;
}

// One list of complaints for each record.
function judge(records, validator) {
    const worker = new Worker(validator, { name: "validator", cay: { permissions: "none" } });
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the validator takes too long")), TIMEOUT);
        worker.onmessage = ({ data }) => {
            clearTimeout(timer);
            resolve(data);
        };
        worker.onerror = (event) => {
            event.preventDefault();
            clearTimeout(timer);
            reject(new Error(`the validator failed: ${event.message}`));
        };
        worker.postMessage(records);
    }).finally(() => worker.terminate());
}

function isVerdict(answer, count) {
    return Array.isArray(answer) && answer.length === count &&
        answer.every((list) => Array.isArray(list) && list.every((text) => typeof text === "string"));
}

const [url, directory, validator = "./validate.js"] = cay.args;
if (directory === undefined) {
    console.error("usage: main.js URL DIR [VALIDATOR]");
    cay.exit(2);
}
const records = await fetchRecords(url);
const verdict = await judge(records, validator);
if (!isVerdict(verdict, records.length)) {
    throw new TypeError("the validator gave no verdict");
}
verdict.forEach((complaints, i) => {
    for (const complaint of complaints) {
        console.log(`record ${i}: ${complaint}`);
    }
});
const good = records.filter((_, i) => verdict[i].length === 0);
await cay.writeTextFile(`${directory}/records.json`, `${JSON.stringify(good, null, 4)}\n`);
console.log(`${good.length} of ${records.length} records kept`);
