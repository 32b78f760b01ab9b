// SPDX-License-Identifier: MIT
// Spawns itself until the depth asked for is reached, and passes the trail back up.
onmessage = ({ data }) => {
    const trail = `${data.trail}>${self.name}`;
    if (data.depth === 1) {
        postMessage(`${trail}<${self.name}`);
        return;
    }
    const inner = new Worker(location.href, { name: String(Number(self.name) + 1) });
    inner.onmessage = (event) => postMessage(`${event.data}<${self.name}`);
    inner.postMessage({ depth: data.depth - 1, trail });
};
