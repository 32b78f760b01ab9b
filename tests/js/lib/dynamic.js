// SPDX-License-Identifier: MIT
globalThis.dynamicEvaluations = (globalThis.dynamicEvaluations ?? 0) + 1;
export const evaluations = globalThis.dynamicEvaluations;
export default {};
