// SPDX-License-Identifier: MIT
// Says that it lives and then waits for messages that never come.
import { parent } from "./compat.mjs";

parent.listen(() => {});
parent.post("up");
