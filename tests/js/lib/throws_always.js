// SPDX-License-Identifier: MIT
throw new RangeError("always");
