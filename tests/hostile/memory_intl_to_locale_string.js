// SPDX-License-Identifier: MIT
// The formats behind toLocaleString, with a locale and options of its own in each call.
// expect: closed|turn-cpu|memory
// limits: memory=64M;turn-cpu=5s
// not-under: asan
// peak: 300
const date = new Date(0);
for (let i = 0; i < 3000; i++) {
    date.toLocaleString(["de", "fr", "th", "ar"][i % 4], { timeZone: i % 2 ? "UTC" : "Asia/Tokyo", dateStyle: "full" });
    i.toLocaleString("en", { minimumFractionDigits: i % 21 });
    "a".localeCompare("b", ["sv", "de"][i % 2], { sensitivity: "base" });
}
close();
