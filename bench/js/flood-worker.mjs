// SPDX-License-Identifier: MIT
// Posts as fast as it may: `WINDOW` chunks ahead of what the parent has acknowledged, no more, so
// that no runtime is measured by how much memory it lets a queue take.
import { parent } from "./compat.mjs";
import { smallObject } from "./measure.mjs";

const CHUNK = 1000;
const WINDOW = 10;
let chunksLeft = 0;

function postChunk() {
    if (chunksLeft === 0) {
        return;
    }
    chunksLeft--;
    for (let i = 0; i < CHUNK; i++) {
        parent.post(smallObject());
    }
}

// A number starts a flood of that many chunks; "ack" is one chunk received.
parent.listen((value) => {
    if (value === "ack") {
        postChunk();
        return;
    }
    chunksLeft = value;
    for (let i = 0; i < WINDOW; i++) {
        postChunk();
    }
});
parent.post("up");
