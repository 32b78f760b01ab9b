// SPDX-License-Identifier: MIT
import { a, callable } from "./cycle_a.js";

export const b = "value of b";
export const seen = `b saw ${callable()}`;
export let early;
try {
    early = a;
} catch (e) {
    early = e.name;
}
