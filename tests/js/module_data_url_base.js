// SPDX-License-Identifier: MIT
// A module from a data: URL has no base for relative imports, but may import absolute ones.
import { done, equal, rejects, source } from "./lib/assert.js";

await rejects(import(source("import './x.js'")), "TypeError");
const { ok } = await import(source(`import { ok } from "${new URL("./lib/assert.js", import.meta.url)}"; export { ok };`));
equal(typeof ok, "function");
equal((await import("data:text/javascript;base64,ZXhwb3J0IGNvbnN0IHggPSAx")).x, 1);
await rejects(import("data:text/plain,x"));
done();
