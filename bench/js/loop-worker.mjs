// SPDX-License-Identifier: MIT
// Loops for ever once told to. In a handler, not in the body of the module: some releases of node
// abort when they terminate a worker whose main module is still being evaluated.
import { parent } from "./compat.mjs";

parent.listen(() => {
    parent.post("looping");
    for (;;) {}
});
parent.post("up");
