// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-import=127.0.0.1:{port} --no-cache
// args: http://127.0.0.1:{port}
// A revocation ends imports under way and those that wait, and there is no way back.
import { done, rejects } from "./lib/assert.js";

const [base] = cay.args;
const all = Array.from({ length: 40 }, (_, i) => rejects(import(`${base}/hang?${i}`), "TypeError", /was revoked/));
await new Promise((resolve) => {
    setTimeout(resolve, 1);
});
await cay.permissions.revoke({ name: "import" });
await Promise.all(all);
await rejects(import(`${base}/module?t=1`), "TypeError", /import access/);
done();
