// SPDX-License-Identifier: MIT
// Each starts one below it, until the depth is used up.
// expect: closed
// limits: memory=512M;depth=5;workers=100
// says: "refused at 5"
const source = (level, text) => `
    try {
        const w = new Worker("data:text/javascript," + encodeURIComponent((${text})(${level + 1}, ${JSON.stringify(text)})));
        w.onmessage = (e) => postMessage(e.data);
        w.onerror = (e) => postMessage("error " + e.message);
    } catch (e) {
        postMessage((e.name === "QuotaExceededError" ? "refused at " : e.name + " at ") + ${level});
    }`;
const w = new Worker(`data:text/javascript,${encodeURIComponent(source(1, String(source)))}`);
w.onmessage = (e) => {
    postMessage(e.data);
    close();
};
