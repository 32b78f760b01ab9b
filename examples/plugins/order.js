// SPDX-License-Identifier: MIT
// A plugin that may see one variable of the environment and call one function of its host.
import { attempt } from "./attempt.js";

onmessage = async ({ data: { articles } }) => {
    const prices = await Promise.all(articles.map((article) => cay.host.lookup(article)));
    const sum = prices.reduce((total, { price }) => total + price, 0);
    postMessage({
        sum: `${sum} ${cay.env.get("SHOP_CURRENCY")}`,
        unknown: await attempt(() => cay.host.lookup("nothing")),
        environment: await attempt(() => cay.env.get("HOME")),
    });
};
