// SPDX-License-Identifier: MIT
// JSON of 40 MB.
// expect: lost|turn-cpu|memory|heap
// limits: memory=512M;turn-cpu=300ms
// loses: thread
// peak: 1500
JSON.parse(`[${"1.5,".repeat(1e7)}1]`);
