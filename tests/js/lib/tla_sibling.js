// SPDX-License-Identifier: MIT
import { log } from "./tla_log.js";

log.push("sibling");
