// SPDX-License-Identifier: MIT
// Workers of workers, four deep; each knows only its parent.
import { done, equal, receive } from "./lib/assert.js";

const worker = new Worker(new URL("./lib/nest.js", import.meta.url), { name: "1" });
worker.postMessage({ depth: 4, trail: "0" });
equal(await receive(worker), "0>1>2>3>4<4<3<2<1");
worker.terminate();
done();
