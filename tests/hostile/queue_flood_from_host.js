// SPDX-License-Identifier: MIT
// A host that posts to a worker which never looks.
// expect: turn-cpu
// limits: turn-cpu=500ms;queue=2000
// host: floods
for (;;);
