// SPDX-License-Identifier: MIT
// flags: --allow-read
// Relative paths begin at the working directory of the command.
import { done, equal, same } from "./lib/assert.js";

const here = await cay.readDir(".");
const empty = await cay.readDir("./x/../");
same(here, empty);
equal(here.length > 0, true);
done();
