// SPDX-License-Identifier: MIT
// A host that posts to a worker which does not listen.
// expect: wall
// limits: wall=500ms
// host: floods
// quiet: stays
setTimeout(() => {}, 1e6);
