// SPDX-License-Identifier: MIT
// before: echo '{"imports":{"a":"b"}}' > map.json
// flags: --import-map={tmp}/map.json
// expect: exit=2 stderr~import-map.*"a".*"b" is no URL
// A malformed import map is told before anything runs.
console.log("it runs");
