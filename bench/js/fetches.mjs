// SPDX-License-Identifier: MIT
// Small answers over HTTP. Arguments: how many requests are under way at a time, and the URL.
import { args, fail, result } from "./compat.mjs";
import { timed } from "./measure.mjs";

const WARM_UP = 4000;
const COUNT = 10000;
const LENGTH = 200;

const lanes = Number(args[0]);
const url = args[1];

async function fetches(n) {
    let begun = 0;
    const lane = async () => {
        while (begun++ < n) {
            const text = await (await fetch(url)).text();
            if (text.length !== LENGTH) {
                throw new Error("the answer is not the server's");
            }
        }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
}

try {
    await fetches(WARM_UP);
    result({ n: COUNT, samples: [await timed(fetches, COUNT)] });
} catch (error) {
    fail(error);
}
