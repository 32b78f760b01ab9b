// SPDX-License-Identifier: MIT
import { b, early, seen } from "./cycle_b.js";

export const a = "value of a";
export function callable() {
    return "a function";
}
export const fromB = seen;
export { early };
export function readB() {
    return b;
}
