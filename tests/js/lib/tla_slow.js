// SPDX-License-Identifier: MIT
import { log } from "./tla_log.js";

log.push("slow begins");
export const value = await new Promise((resolve) => {
    setTimeout(resolve, 5, 7);
});
log.push("slow ends");
export { log };
