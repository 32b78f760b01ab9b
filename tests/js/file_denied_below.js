// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp} --deny-read={tmp}/a/secret --deny-write={tmp}/b/keep
// args: {tmp}
// before: mkdir -p a b/keep c; printf s >a/secret; printf k >b/keep/k; printf x >b/x; ln -s a/secret way
// A denial is not escaped by moving or removing what is above it.
import { done, equal, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
await rejects(cay.readFile(`${tmp}/a/secret`), "NotCapable");
await rejects(cay.readFile(`${tmp}/way`), "NotCapable");
await rejects(cay.rename(`${tmp}/a`, `${tmp}/other`), "NotCapable");
await rejects(cay.rename(`${tmp}/b`, `${tmp}/other`), "NotCapable", /denied below ".*\/b" by deny-write=.*\/b\/keep$/);
await rejects(cay.rename(`${tmp}/c`, `${tmp}/b`), "NotCapable"); // it could bring a "keep" along
await rejects(cay.remove(`${tmp}/b`, { recursive: true }), "NotCapable");
await rejects(cay.remove(`${tmp}/b/keep/k`), "NotCapable");
await rejects(cay.copyFile(`${tmp}/a/secret`, `${tmp}/x`), "NotCapable");
await rejects(cay.rename(`${tmp}/a/secret`, `${tmp}/x`), "NotCapable");
equal(await cay.readTextFile(`${tmp}/b/keep/k`), "k");
await cay.rename(`${tmp}/b/x`, `${tmp}/c/x`);
await cay.remove(`${tmp}/c`, { recursive: true });
done();
