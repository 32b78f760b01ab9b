// SPDX-License-Identifier: MIT
// The same types survive the way to another worker and back.
import { child, done, equal, once, same } from "./lib/assert.js";

const worker = child("onmessage = (e) => postMessage(e.data)");
const shared = { s: 1 };
const value = {
    u: undefined, n: null, big: 12345678901234567890n, zero: -0, text: "\u{1f600}\ud800", date: new Date(7),
    re: /x/gi, map: new Map([[shared, new Set([shared])]]), bytes: new Uint16Array([1, 65535]),
    error: new RangeError("r"), shared, list: [, shared],
};
value.self = value;
worker.postMessage(value);
const { data } = await once(worker, "message");
equal(data.self, data);
equal(data.big, value.big);
equal(data.zero, -0);
equal(data.text, value.text);
equal(data.date.getTime(), 7);
equal(String(data.re), "/x/gi");
const [[key, set]] = data.map;
equal(key, data.shared);
equal(set.has(data.shared), true);
same([...data.bytes], [1, 65535]);
equal(data.error instanceof RangeError, true);
equal(data.error.message, "r");
same([0 in data.list, data.list.length], [false, 2]);
equal("u" in data, true);
worker.terminate();
done();
