// SPDX-License-Identifier: MIT
// A graph of some hundred modules.
import { done, equal, source } from "./lib/assert.js";

const leaves = Array.from({ length: 200 }, (_, i) => source(`export const n = ${i};`));
const text = leaves.map((url, i) => `import { n as n${i} } from "${url}";`).join("\n");
const sum = leaves.map((_, i) => `n${i}`).join("+");
const { total } = await import(source(`${text}\nexport const total = ${sum};`));
equal(total, (199 * 200) / 2);
done();
