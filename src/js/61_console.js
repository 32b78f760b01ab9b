// SPDX-License-Identifier: MIT
// console (Console standard). Each call is one write, so that lines of two workers do not mix.
//
// What is shown may run guest code (its formatting hooks, its getters in a table), which may throw; the
// console itself never does.
import { ops } from "./00_ops.js";
import {
    ArrayIsArray, ErrorCaptureStackTrace, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas,
    MapPrototypeSet, ObjectCreate, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectKeys,
    ObjectPrototype, ObjectPrototypeHasOwnProperty, ReflectApply, ReflectOwnKeys,
    StringPrototypeIndexOf, StringPrototypeRepeat, StringPrototypeSlice, SymbolToStringTag, isObject,
    listPush, newList,
} from "./00_primordials.js";
import { toDOMString } from "./10_webidl.js";
import { inspector } from "./60_inspect.js";

const OUT = false;
const ERR = true;

const options = { colors: false, depth: 2 };
let indentation = "";
let counts; // label -> number
let timers; // label -> ms

export function setColors(on) {
    options.colors = on;
}

// ---- output ----

function indent(text) {
    if (indentation === "") {
        return text;
    }
    let out = indentation;
    let from = 0;
    for (;;) {
        const end = StringPrototypeIndexOf(text, "\n", from);
        if (end < 0) {
            return out + StringPrototypeSlice(text, from);
        }
        out += StringPrototypeSlice(text, from, end + 1) + indentation;
        from = end + 1;
    }
}

function write(isError, text) {
    ops.print(isError, `${indent(text)}\n`);
}

const UNPRINTABLE = "[a value that threw while it was shown]";

// What can be written without the inspector, and is the same with it; undefined for all else.
function plain(value) {
    switch (typeof value) {
        case "string":
            return value;
        case "number":
            return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
        case "bigint":
            return `${value}n`;
        case "boolean":
        case "undefined":
            return `${value}`;
        default:
            return value === null ? "null" : undefined;
    }
}

function formatPlain(data) {
    if (typeof data[0] === "string" && data.length > 1 && StringPrototypeIndexOf(data[0], "%") >= 0) {
        return undefined;
    }
    let out = "";
    for (let i = 0; i < data.length; i++) {
        const text = options.colors && typeof data[i] !== "string" ? undefined : plain(data[i]);
        if (text === undefined) {
            return undefined;
        }
        out += i > 0 ? ` ${text}` : text;
    }
    return out;
}

// `data` is an array-like of values.
function format(data) {
    const text = formatPlain(data);
    if (text !== undefined) {
        return text;
    }
    const args = newList();
    listPush(args, options);
    for (let i = 0; i < data.length; i++) {
        listPush(args, data[i]);
    }
    try {
        return ReflectApply(inspector().formatWithOptions, undefined, args);
    } catch {
        return UNPRINTABLE;
    }
}

function show(value, how) {
    try {
        return inspector().inspect(value, how);
    } catch {
        return UNPRINTABLE;
    }
}

function toLabel(label) {
    return label === undefined ? "default" : toDOMString(label);
}

function withFirst(first, data) {
    const list = newList();
    listPush(list, first);
    for (let i = 0; i < data.length; i++) {
        listPush(list, data[i]);
    }
    return list;
}

// ---- tables ----

const BAR = "\u2502";
const LINE = "\u2500";

function widthOf(text) {
    return inspector().getStringWidth(text, options.colors);
}

function pad(text, width) {
    const space = width - widthOf(text);
    return ` ${text}${StringPrototypeRepeat(" ", space > 0 ? space : 0)} `;
}

function rule(widths, left, middle, right) {
    let out = left;
    for (let i = 0; i < widths.length; i++) {
        out += (i > 0 ? middle : "") + StringPrototypeRepeat(LINE, widths[i] + 2);
    }
    return out + right;
}

function tableRow(cells, widths) {
    let out = BAR;
    for (let i = 0; i < widths.length; i++) {
        out += pad(cells[i] ?? "", widths[i]) + BAR;
    }
    return out;
}

// `rows` is a list of lists of cells, the heads first.
function drawTable(rows) {
    const widths = newList();
    for (let r = 0; r < rows.length; r++) {
        for (let c = 0; c < rows[r].length; c++) {
            const width = widthOf(rows[r][c] ?? "");
            widths[c] = widths[c] > width ? widths[c] : width;
        }
    }
    let out = `${rule(widths, "\u250c", "\u252c", "\u2510")}\n${tableRow(rows[0], widths)}\n` +
        `${rule(widths, "\u251c", "\u253c", "\u2524")}\n`;
    for (let r = 1; r < rows.length; r++) {
        out += `${tableRow(rows[r], widths)}\n`;
    }
    return out + rule(widths, "\u2514", "\u2534", "\u2518");
}

const cellOptions = { __proto__: null, colors: false, depth: 0, maxArrayLength: 3, breakLength: Infinity };
const VALUES = "Values";
const INDEX = "(index)";

function cell(value) {
    return inspector().inspect(value, { ...cellOptions, colors: options.colors });
}

// Columns in the order in which rows first have them, or as given.
function columnsOf(data, keys, wanted) {
    const columns = newList();
    const known = ObjectCreate(null);
    for (let i = 0; wanted === undefined && i < keys.length; i++) {
        const row = data[keys[i]];
        const own = isObject(row) ? ObjectKeys(row) : [];
        for (let k = 0; k < own.length; k++) {
            if (known[own[k]] !== true) {
                known[own[k]] = true;
                listPush(columns, own[k]);
            }
        }
    }
    for (let i = 0; wanted !== undefined && i < wanted.length; i++) {
        listPush(columns, toDOMString(wanted[i]));
    }
    return columns;
}

function rowCells(key, row, columns) {
    const cells = newList();
    listPush(cells, key);
    for (let c = 0; c < columns.length; c++) {
        const has = isObject(row) && ObjectPrototypeHasOwnProperty(row, columns[c]);
        listPush(cells, has ? cell(row[columns[c]]) : "");
    }
    return cells;
}

function tableOf(data, wanted) {
    const keys = ObjectKeys(data);
    const columns = columnsOf(data, keys, wanted);
    const heads = newList();
    listPush(heads, INDEX);
    for (let c = 0; c < columns.length; c++) {
        listPush(heads, columns[c]);
    }
    const rows = newList();
    listPush(rows, heads);
    let hasValues = false;
    for (let i = 0; i < keys.length; i++) {
        const row = data[keys[i]];
        const cells = rowCells(keys[i], row, columns);
        if (!isObject(row)) {
            hasValues = true;
            listPush(cells, cell(row));
        }
        listPush(rows, cells);
    }
    if (hasValues) {
        listPush(heads, VALUES);
    }
    return drawTable(rows);
}

// ---- the methods ----

function warn(text) {
    write(ERR, text);
}

function elapsed(label) {
    if (timers === undefined || !MapPrototypeHas(timers, label)) {
        warn(`Timer "${label}" does not exist`);
        return undefined;
    }
    return `${label}: ${ops.now() - MapPrototypeGet(timers, label)}ms`;
}

// Depth of groups that still indents; past it a line would be nothing else.
const INDENT_MAX = 200;

let depth = 0;

function openGroup(data) {
    if (data.length > 0) {
        write(OUT, format(data));
    }
    depth++;
    if (depth * 2 <= INDENT_MAX) {
        indentation += "  ";
    }
}

function closeGroup() {
    if (depth > 0 && depth * 2 <= INDENT_MAX) {
        indentation = StringPrototypeSlice(indentation, 2);
    }
    depth = depth > 0 ? depth - 1 : 0;
}

const methods = {
    assert(condition = false, ...data) {
        if (condition) {
            return;
        }
        if (data.length > 0 && typeof data[0] === "string") {
            data[0] = `Assertion failed: ${data[0]}`;
            write(ERR, format(data));
        } else if (data.length > 0) {
            write(ERR, format(withFirst("Assertion failed:", data)));
        } else {
            write(ERR, "Assertion failed");
        }
    },
    clear() {
        indentation = "";
        depth = 0;
        // Only a terminal has something to clear; colours are on there alone.
        if (options.colors) {
            ops.print(OUT, "\u001b[1;1H\u001b[0J");
        }
    },
    debug(...data) {
        write(OUT, format(data));
    },
    error(...data) {
        write(ERR, format(data));
    },
    info(...data) {
        write(OUT, format(data));
    },
    log(...data) {
        write(OUT, format(data));
    },
    table(tabularData = undefined, properties = undefined) {
        let text;
        if (isObject(tabularData) && (properties === undefined || ArrayIsArray(properties))) {
            try {
                text = tableOf(tabularData, properties);
            } catch {
                text = UNPRINTABLE;
            }
        } else {
            text = format([tabularData]);
        }
        write(OUT, text);
    },
    trace(...data) {
        const trace = { __proto__: null, name: "Trace", message: format(data) };
        ErrorCaptureStackTrace(trace, methods.trace);
        let text = "Trace";
        try {
            const { stack } = trace;
            text = typeof stack === "string" ? stack : text;
        } catch {
            // A hook of the guest's threw.
        }
        write(ERR, text);
    },
    warn(...data) {
        write(ERR, format(data));
    },
    dir(item = undefined, given = undefined) {
        const how = { colors: options.colors, customInspect: false };
        if (isObject(given)) {
            const { colors, depth, showHidden } = given;
            how.colors = colors === undefined ? how.colors : !!colors;
            how.depth = depth === undefined ? options.depth : depth;
            how.showHidden = !!showHidden;
        }
        write(OUT, show(item, how));
    },
    dirxml(...data) {
        write(OUT, format(data));
    },
    count(label = undefined) {
        label = toLabel(label);
        counts ??= new Map();
        const count = (MapPrototypeGet(counts, label) ?? 0) + 1;
        MapPrototypeSet(counts, label, count);
        write(OUT, `${label}: ${count}`);
    },
    countReset(label = undefined) {
        label = toLabel(label);
        if (counts === undefined || !MapPrototypeDelete(counts, label)) {
            warn(`Count for "${label}" does not exist`);
        }
    },
    group(...data) {
        openGroup(data);
    },
    groupCollapsed(...data) {
        openGroup(data);
    },
    groupEnd() {
        closeGroup();
    },
    time(label = undefined) {
        label = toLabel(label);
        timers ??= new Map();
        if (MapPrototypeHas(timers, label)) {
            warn(`Timer "${label}" already exists`);
        } else {
            MapPrototypeSet(timers, label, ops.now());
        }
    },
    timeLog(label = undefined, ...data) {
        const text = elapsed(toLabel(label));
        if (text !== undefined) {
            write(OUT, data.length > 0 ? `${text} ${format(data)}` : text);
        }
    },
    timeEnd(label = undefined) {
        label = toLabel(label);
        const text = elapsed(label);
        if (text !== undefined) {
            MapPrototypeDelete(timers, label);
            write(OUT, text);
        }
    },
};

// A namespace object: its prototype is an empty object of its own.
export function newConsole() {
    const console = ObjectCreate(ObjectCreate(ObjectPrototype));
    const keys = ReflectOwnKeys(methods);
    for (let i = 0; i < keys.length; i++) {
        ObjectDefineProperty(console, keys[i], ObjectGetOwnPropertyDescriptor(methods, keys[i]));
    }
    ObjectDefineProperty(console, SymbolToStringTag, {
        __proto__: null,
        value: "console",
        configurable: true,
    });
    return console;
}
