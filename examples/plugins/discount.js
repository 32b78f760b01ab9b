// SPDX-License-Identifier: MIT
// A plugin without any rights: what it is sent is all that it knows. It tries for more, and is refused.
import { attempt } from "./attempt.js";

onmessage = async ({ data: { prices, percent } }) => {
    postMessage({
        reduced: prices.map((price) => Math.round(price * (100 - percent)) / 100),
        file: await attempt(() => cay.readTextFile("/etc/hostname")),
        net: await attempt(() => fetch("https://example.com/")),
        host: await attempt(() => cay.host.lookup("lamp")),
    });
};
