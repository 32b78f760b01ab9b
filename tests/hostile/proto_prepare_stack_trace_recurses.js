// SPDX-License-Identifier: MIT
// Error.prepareStackTrace that makes errors.
// expect: main-module|turn-cpu
// limits: turn-cpu=2s
Error.prepareStackTrace = (e, frames) => {
    const inner = new Error("inner");
    return frames.map((f) => f.getFunction() ?? f.getThis()).concat(inner.stack);
};
throw new Error("told");
