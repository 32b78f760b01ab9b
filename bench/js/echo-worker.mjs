// SPDX-License-Identifier: MIT
// Sends back what it gets: small objects and buffers by copy, { move: buffer } by transfer.
import { parent } from "./compat.mjs";

parent.listen((value) => {
    if (value.move !== undefined) {
        parent.post({ move: value.move }, [value.move]);
    } else {
        parent.post(value);
    }
});
parent.post("up");
