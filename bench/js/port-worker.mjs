// SPDX-License-Identifier: MIT
// One of two workers joined by a port: { role: "echo" } answers, { role: "drive" } measures.
import { parent } from "./compat.mjs";
import { PingPong, measure, smallObject } from "./measure.mjs";

async function drive(port) {
    const game = new PingPong((value) => port.postMessage(value), smallObject);
    port.onmessage = (event) => game.echoed(event.data);
    parent.post(await measure((n) => game.run(n)));
}

parent.listen(({ role, port }) => {
    if (role === "drive") {
        drive(port);
    } else {
        port.onmessage = (event) => port.postMessage(event.data);
        parent.post("echoing");
    }
});
parent.post("up");
