// SPDX-License-Identifier: MIT
// Tries something; the name of the error, or what came of it.
export async function attempt(action) {
    try {
        return await action();
    } catch (error) {
        return error.name;
    }
}
