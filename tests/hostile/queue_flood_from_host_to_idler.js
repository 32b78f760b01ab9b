// SPDX-License-Identifier: MIT
// A host that posts to a worker which does not listen.
// expect: wall
// limits: wall=1s;queue=500
// host: floods
// quiet: stays
setTimeout(() => {}, 1e6);
