// SPDX-License-Identifier: MIT
// AbortSignal.abort() and AbortSignal.timeout().
import { done, equal, once, throws } from "./lib/assert.js";

const aborted = AbortSignal.abort();
equal(aborted.aborted, true);
equal(aborted.reason.name, "AbortError");
equal(AbortSignal.abort(3).reason, 3);

const signal = AbortSignal.timeout(5);
equal(signal.aborted, false);
await once(signal, "abort");
equal(signal.aborted, true);
equal(signal.reason.name, "TimeoutError");
equal(signal.reason.code, 23);
throws(() => AbortSignal.timeout(), "TypeError");
throws(() => AbortSignal.timeout(-1), "TypeError");
throws(() => AbortSignal.timeout(Infinity), "TypeError");
throws(() => AbortSignal.timeout(2 ** 60), "TypeError");
done();
