// SPDX-License-Identifier: MIT
// A plugin that may read one folder. What lies beside it is refused.
import { attempt } from "./attempt.js";

onmessage = async ({ data: { folder } }) => {
    const articles = JSON.parse(await cay.readTextFile(`${folder}/catalogue.json`));
    postMessage({
        articles: articles.map(({ article }) => article),
        beside: await attempt(() => cay.readTextFile(`${folder}/../attempt.js`)),
        write: await attempt(() => cay.writeTextFile(`${folder}/new.json`, "[]")),
    });
};
