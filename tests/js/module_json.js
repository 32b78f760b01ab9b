// SPDX-License-Identifier: MIT
// JSON modules, with the assertion that V8 10.2 knows; without it they are refused.
import { done, equal, rejects, same } from "./lib/assert.js";
import data from "./lib/data.json" assert { type: "json" };

same(data, { name: "cay", list: [1, 2, { deep: true }], text: "\u00e9" });
const again = await import("./lib/data.json", { assert: { type: "json" } });
equal(again.default, data);
same(Object.keys(again), ["default"]);
await rejects(import("./lib/data.json"));
await rejects(import("./lib/broken.json", { assert: { type: "json" } }), "SyntaxError");
await rejects(import("./lib/assert.js", { assert: { type: "json" } }));
await rejects(import("./lib/data.json", { assert: { type: "css" } }), "TypeError");
const inline = await import("data:application/json,[1]", { assert: { type: "json" } });
same(inline.default, [1]);
done();
