// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-fine-clock
// args: {tmp}
// before: touch -d '2020-02-03T04:05:06.789Z' file; touch -d '1950-01-01T00:00:00.250Z' old
// With the fine clock, times of files are told to the millisecond.
import { done, equal } from "./lib/assert.js";

equal((await cay.stat(`${cay.args[0]}/file`)).mtime.toISOString(), "2020-02-03T04:05:06.789Z");
const file = await cay.open(`${cay.args[0]}/file`);
equal((await file.stat()).mtime.getMilliseconds(), 789);
equal((await cay.stat(`${cay.args[0]}/old`)).mtime.toISOString(), "1950-01-01T00:00:00.250Z");
done();
