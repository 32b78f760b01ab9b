// SPDX-License-Identifier: MIT
import { log } from "./module_b.js";

log.push("a");
export { log };
export let counter = 0;
export function increment() {
    counter++;
}
export default "default of a";
