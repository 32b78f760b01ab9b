// SPDX-License-Identifier: MIT
// A module of 20 MB.
// expect: closed|memory|heap|turn-cpu|lost
// limits: memory=64M;turn-cpu=2s
// loses: thread
// peak: 900
try {
    await import(`data:text/javascript,{${"{let%20aa=1}".repeat(2e6)}}`);
} catch {
    // Refused.
}
close();
