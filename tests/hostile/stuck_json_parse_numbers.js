// SPDX-License-Identifier: MIT
// JSON of one number with a hundred million digits.
// expect: lost|turn-cpu|memory|heap|closed
// limits: memory=512M;turn-cpu=300ms
// loses: thread
// peak: 1500
JSON.parse("1".repeat(1e8));
close();
