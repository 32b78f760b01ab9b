// SPDX-License-Identifier: MIT
// A worker that ends by itself.
close();
