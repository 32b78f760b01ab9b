// SPDX-License-Identifier: MIT
// The validator of main.js. It could be anybody's: it gets values, and gives complaints.

const RULES = {
    id: (value) => typeof value === "string" && /^[a-z][a-z0-9-]{0,31}$/.test(value),
    name: (value) => typeof value === "string" && value.length > 0 && value.length <= 100,
    price: (value) => typeof value === "number" && value >= 0 && value <= 1e6,
};

function complaintsAbout(record) {
    if (record === null || typeof record !== "object" || Array.isArray(record)) {
        return ["is no object"];
    }
    const complaints = [];
    for (const key of Object.keys(RULES)) {
        if (!Object.hasOwn(record, key)) {
            complaints.push(`lacks ${key}`);
        } else if (!RULES[key](record[key])) {
            complaints.push(`${key} is not as it should be`);
        }
    }
    for (const key of Object.keys(record)) {
        if (!Object.hasOwn(RULES, key)) {
            complaints.push(`has ${JSON.stringify(key.slice(0, 32))}, which nobody asked for`);
        }
    }
    return complaints;
}

onmessage = ({ data: records }) => {
    postMessage(records.map(complaintsAbout));
};
