// SPDX-License-Identifier: MIT
// before: printf '%s' '{"imports":{"lib":"./lib.mjs","lib/":"./","never":null,"data":"data:text/javascript,export default 1"}}' > map.json
// before: echo 'export default "lib"; export const url = import.meta.url;' > lib.mjs
// flags: --import-map={tmp}/map.json --allow-read={tmp}
// args: {tmp}
// Import maps: relative to their own place; for static imports, import() and import.meta.resolve.
import { done, equal, rejects, throws } from "./lib/assert.js";
import lib, { url } from "lib";
import * as again from "lib/lib.mjs";
import one from "data";

equal(lib, "lib");
equal(again.default, lib);
equal(one, 1);
equal(url, `file://${cay.args[0]}/lib.mjs`);
equal(import.meta.resolve("lib/x/../y"), `file://${cay.args[0]}/y`);
equal(await import("lib"), again);
await rejects(import("never"), "TypeError", /blocks "never"/);
await rejects(import("lib/../../x"), "TypeError", /leads out/);
await rejects(import("unknown"), "TypeError", /bare specifier/);
throws(() => import.meta.resolve("never"), "TypeError");
const worker = new Worker("data:text/javascript,import one from 'data'; postMessage(one)", { type: "module" });
equal(await new Promise((resolve) => {
    worker.onmessage = (e) => resolve(e.data);
}), 1);
done();
