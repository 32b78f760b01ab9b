// SPDX-License-Identifier: MIT
// server: http
// before: printf '{"version":1,"remote":{"http://127.0.0.1:%s/module?t=1":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","http://127.0.0.1:%s/module?t=":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}' {port} {port} > lock.json
// flags: --allow-import=127.0.0.1:{port} --no-cache --lock={tmp}/lock.json
// args: http://127.0.0.1:{port}
// With a lock file code is what it was, or it does not run.
import { done, rejects } from "./lib/assert.js";

const [base] = cay.args;
await import(`${base}/module?t=`);
await rejects(import(`${base}/module?t=1`), "TypeError", /module\?t=1 is not what the lock file .*: expected sha256-47DE.*, found sha256-a4ayc/);
await rejects(import(`${base}/module?t=2`), "TypeError", /module\?t=2": it is not in the lock file ".*"; --lock-write would add it/);
done();
