// SPDX-License-Identifier: MIT
// URL objects, each with its query.
// expect: memory|heap
// limits: memory=32M;turn-cpu=15s
const list = [];
for (let i = 0; ; i++) {
    const url = new URL(`http://h${i}/path?a=${i}&b=2`);
    url.searchParams.set("c", "3");
    list.push(url);
}
