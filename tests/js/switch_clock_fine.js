// SPDX-License-Identifier: MIT
// flags: --allow-fine-clock
// With the fine-clock switch performance.now goes in steps of a microsecond.
import { done, equal } from "./lib/assert.js";

let fine = false;
const end = performance.now() + 5000;
while (!fine && performance.now() < end) {
    fine = !Number.isInteger(performance.now());
}
equal(fine, true, "a step finer than 1 ms was seen");
const step = performance.now() * 1000;
equal(Math.abs(step - Math.round(step)) < 0.01, true, "whole microseconds");
done();
