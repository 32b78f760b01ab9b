// SPDX-License-Identifier: MIT
// A message posted at once waits until the worker listens, also behind a top-level await.
import { child, done, equal, receive } from "./lib/assert.js";

const slow = child(`
    await new Promise((resolve) => setTimeout(resolve, 20));
    addEventListener("message", (e) => postMessage("late " + e.data));
`);
slow.postMessage(1);
equal(await receive(slow), "late 1");
const early = child(`
    const first = await new Promise((resolve) => { onmessage = (e) => resolve(e.data); });
    postMessage("top " + first);
`);
early.postMessage(2);
equal(await receive(early), "top 2");
slow.terminate();
early.terminate();
done();
