// SPDX-License-Identifier: MIT
// The only door to C. `__cay_ops` is the parameter of the function that wraps the bundle, so no name
// on the guest's global object ever leads here.
/* global __cay_ops */

export const ops = __cay_ops;
