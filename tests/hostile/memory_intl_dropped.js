// SPDX-License-Identifier: MIT
// Formats dropped at once: what they hold natively has to be given back in time.
// expect: closed|memory
// limits: memory=64M;turn-cpu=20s
// within: 40
// peak: 300
for (let i = 0; i < 10000; i++) {
    new Intl.NumberFormat(i % 2 ? "de" : "fr", { minimumFractionDigits: i % 20 }).format(i);
    new Intl.DateTimeFormat(i % 2 ? "de" : "fr", { dateStyle: i % 3 ? "full" : "short" }).format(i);
}
close();
