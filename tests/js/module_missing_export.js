// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~SyntaxError.*nothing.*module_missing_export\.js:4
// An export that does not exist.
import { nothing } from "./lib/module_b.js";
