// SPDX-License-Identifier: MIT
// A worker of pool.js: one job at a time, {id, bytes} in, {id, sha256} out.
import { sha256 } from "./sha256.js";

onmessage = ({ data: { id, bytes } }) => {
    postMessage({ id, sha256: sha256(new Uint8Array(bytes)) });
};
