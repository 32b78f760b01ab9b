// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port} --allow-read --no-cache
// args: http://127.0.0.1:{port}
// Code over http needs a permission of its own, and the message tells the flag; the server is not asked.
import { done, equal, rejects } from "./lib/assert.js";

const [base] = cay.args;
const url = `${base}/count?key=import`;
await rejects(import(url), "TypeError", /--allow-import=127\.0\.0\.1:\d+ would grant it/);
equal((await (await fetch(url)).text()).trim(), "1");
done();
