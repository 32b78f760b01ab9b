#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes types/cay.d.ts and docs/guest-api.md from the API and TYPE entries of src/ops/*.def, the classes of
src/js/24_errors.js, the codes of include/cay/error.h and the kinds of include/cay/permissions.h.

    tools/gen_api.py            writes both
    tools/gen_api.py --check    writes nothing; exit 1 and the names of those that differ
    tools/gen_api.py --self-test

The form of the entries is told in src/ops/ops.def. In them C's rules hold: adjacent strings are one.
"""
import dataclasses
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
TYPES = "types/cay.d.ts"
PAGE = "docs/guest-api.md"
WIDTH = 120

AREAS = {
    "scope": "The script",
    "messaging": "Workers and messages",
    "url": "URLs",
    "perm": "Permissions and environment",
    "file": "Files",
    "fetch": "Network",
    "crypto": "Random numbers and digests",
    "host": "Functions of the host",
}

KINDS = {
    "read": ("paths", "read files and directories at and below the path"),
    "write": ("paths", "write, make, rename and remove at and below the path"),
    "net": ("hosts", "connect, as `fetch` does; addresses that are not public need to be named"),
    "env": ("names", "see variables of the environment; `PREFIX*` is a name too"),
    "import": ("hosts", "import code over http and https"),
    "sys": ("names", "facts about the machine: `hostname`, `os`, `cpus`, `memory`, `load`, `uptime`"),
    "eval": ("", "code from strings: `eval`, `Function`"),
    "wasm": ("", "`WebAssembly`"),
    "shared-memory": ("", "`SharedArrayBuffer`, `Atomics.wait`"),
    "fine-clock": ("", "clocks finer than 1 ms, file times finer than 1 s"),
}


class Malformed(Exception):
    """An entry that cannot be read; says where."""


# ---- reading .def files ----

TOKEN = re.compile(r"""
    (?P<space>\s+|/\*.*?\*/|//[^\n]*|\\\n)
  | (?P<directive>^[ \t]*\#[^\n]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<word>[A-Za-z_0-9]+)
  | (?P<mark>[(),;])
""", re.X | re.S | re.M)

ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


def unquote(literal):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), literal[1:-1])


def tokens(text, name):
    """(kind, text, line) of all that is no space."""
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        line = text.count("\n", 0, at) + 1
        if not match:
            raise Malformed(f"{name}:{line}: cannot read {text[at:at + 20]!r}")
        at = match.end()
        if match.lastgroup not in ("space", "directive"):
            yield match.lastgroup, match.group(), line


def entries(text, name):
    """(macro, arguments, line) of each macro call: an argument is a joined string or a word."""
    stream = list(tokens(text, name))
    i = 0
    while i < len(stream):
        kind, macro, line = stream[i]
        if kind == "mark" and macro == ";":
            i += 1
            continue
        if kind != "word" or i + 1 >= len(stream) or stream[i + 1][1] != "(":
            raise Malformed(f"{name}:{line}: {macro!r} is not the beginning of an entry")
        arguments, parts = [], []
        i += 2
        while True:
            if i >= len(stream):
                raise Malformed(f"{name}:{line}: {macro} has no end")
            kind, value, _ = stream[i]
            i += 1
            if kind == "mark" and value in ",)":
                if not parts:
                    raise Malformed(f"{name}:{line}: {macro} has an empty argument")
                arguments.append("".join(parts))
                parts = []
                if value == ")":
                    break
            elif kind in ("string", "word"):
                parts.append(unquote(value) if kind == "string" else value)
            else:
                raise Malformed(f"{name}:{line}: unexpected {value!r} in {macro}")
        yield macro, arguments, line


@dataclasses.dataclass
class Member:
    """One API entry."""
    area: str
    place: str
    signature: str
    permission: str
    doc: str


@dataclasses.dataclass
class Type:
    """One TYPE entry."""
    area: str
    name: str
    declaration: str
    doc: str


@dataclasses.dataclass
class Api:
    areas: list
    members: list
    types: list
    errors: dict  # class -> texts of the C codes that become it
    kinds: list


def read_area(api, area, text, name):
    for macro, arguments, line in entries(text, name):
        where = f"{name}:{line}"
        if macro == "OP":
            continue
        if macro == "API" and len(arguments) == 4:
            permission = arguments[2]
            for kind in re.split(r"[ ,|]+|\band\b|\bor\b", permission):
                if kind and kind not in api.kinds:
                    raise Malformed(f"{where}: {kind!r} is no kind of permission")
            api.members.append(Member(area, *arguments))
        elif macro == "TYPE" and len(arguments) == 3:
            api.types.append(Type(area, *arguments))
        else:
            raise Malformed(f"{where}: {macro} with {len(arguments)} arguments")


def read_kinds(root):
    header = (root / "include/cay/permissions.h").read_text()
    kinds = [name.lower().replace("_", "-") for name in re.findall(r"^\s*CAY_KIND_(\w+) = \d+", header, re.M)]
    kinds.remove("count")
    if set(kinds) != set(KINDS):
        raise Malformed(f"tools/gen_api.py: KINDS and permissions.h differ in {set(kinds) ^ set(KINDS)}")
    return kinds


def read_errors(root):
    texts = dict(re.findall(r'X\((\w+), -\d+, "([^"]*)"', (root / "include/cay/error.h").read_text()))
    source = (root / "src/js/24_errors.js").read_text()
    table = re.search(r"const names = \{(.*?)\};", source, re.S)
    if not table:
        raise Malformed("src/js/24_errors.js: no table `names`")
    classes = {}
    for code, name in re.findall(r'^\s*(\w+): "(\w+)"', table.group(1), re.M):
        if code not in texts:
            raise Malformed(f"src/js/24_errors.js: {code} is no code of include/cay/error.h")
        classes.setdefault(name, []).append(texts[code])
    return classes


def read_api(root):
    order = re.findall(r'#include "ops/(\w+)\.def"', (root / "src/ops/ops.def").read_text())
    api = Api(order, [], [], read_errors(root), read_kinds(root))
    for area in order:
        path = root / f"src/ops/{area}.def"
        read_area(api, area, path.read_text(), str(path.relative_to(root)))
    return api


# ---- types/cay.d.ts ----

DTS_HEAD = """\
// SPDX-License-Identifier: MIT
// Made by tools/gen_api.py from src/ops/*.def: change it there.
/// <reference lib="es2022" />
/// <reference lib="webworker" />

/** What cay adds to the web platform. */
declare namespace cay {
"""

DTS_TAIL = """
/** Fired at a `Worker` once, after everything else, when it has ended. */
declare class WorkerCloseEvent extends Event {
    /** "closed", "terminated", or what ended it. */
    readonly reason: string;
    readonly exitCode: number;
    readonly usage: {
        readonly cpuMs: number;
        readonly wallMs: number;
        readonly peakHeap: number;
        readonly messagesIn: number;
        readonly messagesOut: number;
    };
}

interface WorkerEventMap {
    close: WorkerCloseEvent;
}

interface Worker {
    onclose: ((this: Worker, event: WorkerCloseEvent) => unknown) | null;
}

interface WorkerOptions {
    /** What the new worker may do. It never gets more than its parent has. */
    cay?: cay.WorkerCayOptions;
}
"""

def sentence(doc):
    doc = " ".join(doc.split())
    return doc[:1].upper() + doc[1:] + ("" if not doc or doc[-1] in ".!?:" else ".")


def kinds_of(member):
    """`read`, `write`"""
    return ", ".join(f"`{kind}`" for kind in re.findall(r"[\w-]+", member.permission))


def needs(member):
    return f"Permission: {kinds_of(member)}." if member.permission else ""


def comment(text, indent):
    """A doc comment of as many lines as it takes, or none."""
    text = text.strip().replace("*/", "* /")
    if not text:
        return ""
    one = f"{indent}/** {text} */\n"
    if len(one) <= WIDTH:
        return one
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3, break_long_words=False, break_on_hyphens=False)
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"


def bare(signature):
    """The signature without a word that tells its form, and without ';'."""
    return re.sub(r"^(?:(?:declare|function|async|const|let|var|static)\s+)+", "", signature.strip().rstrip(";"))


def is_function(signature):
    return re.match(r"[\w$]+\s*(?:<[^()]*>)?\s*\(", signature) is not None


def in_namespace(signature):
    signature = pretty(bare(signature))
    if is_function(signature):
        return f"function {signature};"
    return f"const {re.sub(r'^readonly ', '', signature)};"


def indented(text, indent):
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.splitlines())


def split(text, mark=";"):
    """The parts between the marks that stand in no bracket and no string."""
    parts, depth, quote, start = [], 0, "", 0
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'`":
            quote = c
        else:
            depth += (c in "{([") - (c in "})]")
            if c == mark and depth == 0:
                parts.append(text[start:i].strip())
                start = i + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def pretty(text, indent=""):
    """The declaration on one line, or with the members of its widest braces on lines of their own."""
    text = " ".join(text.split())
    if len(indent) + len(text) <= WIDTH - 20 or "{" not in text:
        return text
    alternatives = split(text, "|")
    if len(alternatives) > 1 and "=>" not in text:
        inner = indent + "    "
        return "".join(f"\n{inner}| {pretty(a, inner)}" for a in alternatives)
    at = max((i for i, c in enumerate(text) if c == "{"), key=lambda i: end_of(text, i) - i)
    end = end_of(text, at)
    inner = indent + "    "
    members = "".join(f"{inner}{pretty(m, inner)};\n" for m in split(text[at + 1:end]))
    return f"{text[:at]}{{\n{members}{indent}}}{text[end + 1:]}"


def end_of(text, at):
    """Where the brace at `at` is closed."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return i
    raise Malformed(f"a brace is not closed in {text!r}")


def declare(name, declaration):
    declaration = pretty(declaration.strip().rstrip(";"))
    if re.match(r"(?:declare |export |abstract )*(?:interface|type|class|enum|namespace)\s", declaration):
        ends_itself = declaration.endswith("}") and not re.match(r"type\s", declaration)
        return declaration if ends_itself else declaration + ";"
    if declaration.startswith("{") and end_of(declaration, 0) == len(declaration) - 1:
        return f"interface {name} {declaration}"
    return f"type {name} ={'' if declaration.startswith(chr(10)) else ' '}{declaration};"


def of_place(api, place):
    return [m for m in api.members if m.place == place]


def places(api):
    """Each place once, in order of first mention."""
    return list(dict.fromkeys(m.place for m in api.members))


def namespace(api, place, indent):
    out = ""
    for m in of_place(api, place):
        out += comment(f"{sentence(m.doc)} {needs(m)}", indent) + indented(in_namespace(m.signature), indent)
    return out


def interface(api, place):
    out = f"    interface {place} {{\n"
    for m in of_place(api, place):
        out += comment(f"{sentence(m.doc)} {needs(m)}", " " * 8) + indented(pretty(bare(m.signature)) + ";", " " * 8)
    return out + "    }\n"


def error_classes(api):
    out = "    /** What operations of cay fail with. */\n    namespace errors {\n"
    for name, texts in api.errors.items():
        out += comment(sentence(", or ".join(texts)), " " * 8)
        out += (f"        class {name} extends Error {{\n            constructor(message?: string);\n"
                f'            readonly code: "{name}";\n        }}\n')
    return out + "    }\n"


def make_types(api):
    parts = [namespace(api, "cay", "    ")]
    for place in places(api):
        if place.startswith("cay.") and place != "cay.errors":
            inner = namespace(api, place, " " * 8)
            parts.append(f"    namespace {place[4:]} {{\n{inner}    }}\n")
        elif is_object(place):
            parts.append(interface(api, place))
    for t in api.types:
        parts.append(comment(sentence(t.doc), "    ") + indented(declare(t.name, t.declaration), "    "))
    parts.append(error_classes(api))
    return DTS_HEAD + "\n".join(p for p in parts if p) + "}\n" + DTS_TAIL


# ---- docs/guest-api.md ----

PAGE_HEAD = """\
# The guest's API

<!-- Made by tools/gen_api.py from src/ops/*.def: change it there. -->

What a script finds beside the language. All that touches files or the network is asynchronous and needs a permission, which is
named behind the signature; what is refused fails with `cay.errors.NotCapable`, which tells the option of `cay run` that would grant
it. Types for editors: [types/cay.d.ts](../types/cay.d.ts).

Interfaces of the web platform are as their standards have them; only what is cay's own, or differs, is told here. `TextEncoder`,
`TextDecoder`, `FormData` and `File` are not part of this release: text goes through `cay.readTextFile`, `cay.writeTextFile`,
`Response.text()` and `Blob.text()`.

A refused `import()` is a `TypeError` whose message names the option. Without its switch `eval` is an `EvalError`; `WebAssembly` and
`SharedArrayBuffer` are absent. JSON is imported with `assert { type: "json" }`: V8 10.2 does not know the newer `with`.

A project whose editor is to know all this has `types/cay.d.ts` (`make install` puts it at `share/cay/types/`) among its files, and
this in its `tsconfig.json`:

```json
{ "compilerOptions": { "lib": ["es2022", "webworker", "webworker.asynciterable"], "types": [] } }
```

## Permissions

| kind | values | grants |
|---|---|---|
"""

PAGE_SETS = """
A worker starts with `"none"` unless its creator says otherwise:

```js
new Worker("./child.js", { cay: { permissions: "inherit" } });
new Worker("./child.js", { cay: { permissions: { read: ["/data"], net: "inherit", deny: { read: ["/data/key"] } } } });
```

Each kind is `true` (all), `false`, `"inherit"` or a list. A child that would have more than its parent is an error at once:
`NotCapable`, which names kind and value.
"""

PAGE_ERRORS = """
## Errors

Classes of `cay.errors`. Each extends `Error`; `name` and `code` are the name of the class.

| class | when |
|---|---|
"""


def wrapped(text, indent=""):
    return textwrap.fill(text, WIDTH + 10, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False) + "\n"


def code_span(text):
    return f"`{' '.join(text.split())}`"


def full_name(m):
    """The signature as one would call it."""
    signature = bare(m.signature)
    constant = re.sub(r"^readonly ", "", signature)
    if m.place.startswith("cay"):
        return f"{m.place}.{constant}"
    return constant if m.place == "global" else signature


def page_member(m):
    needed = f" · {kinds_of(m)}" if m.permission else ""
    return f"- {code_span(full_name(m))}{needed}\n" + (wrapped(sentence(m.doc), "  ") if m.doc else "")


def page_type(t):
    declaration = declare(t.name, t.declaration)
    return f"\n{wrapped(sentence(t.doc))}\n```ts\n{declaration.strip()}\n```\n"


def is_object(place):
    """Whether the place is a class or interface, and no namespace."""
    return place != "global" and not place.startswith("cay")


def page_area(api, area):
    members = [m for m in api.members if m.area == area]
    types = [t for t in api.types if t.area == area]
    if not members and not types:
        return ""
    out = f"\n## {AREAS.get(area, area.capitalize())}\n\n"
    of_objects = {m.place: [n for n in members if n.place == m.place] for m in members if is_object(m.place)}
    out += "".join(page_member(m) for m in members if not is_object(m.place))
    for place, list_of in of_objects.items():
        out += f"\n### {place}\n\n" + "".join(page_member(m) for m in list_of)
    return out + "".join(page_type(t) for t in types)


def make_page(api):
    out = PAGE_HEAD
    for kind in api.kinds:
        values, grants = KINDS[kind]
        out += f"| `{kind}` | {values or 'switch'} | {grants} |\n"
    out += PAGE_SETS
    out += "".join(page_area(api, area) for area in api.areas)
    out += PAGE_ERRORS
    for name, texts in api.errors.items():
        out += f"| `{name}` | {'; '.join(texts)} |\n"
    return out


# ---- the command ----

def self_test():
    text = ('/* a, b( */ OP(x, 2, "x(\\"q\\", b)")\n#define Z\nAPI("cay", "f(a: string,"\n "  b?: (x: number) => void)'
            ': void", "", "Does \\"it\\".")\nTYPE(T, "{ a: string }", "d")')
    got = [(macro, arguments) for macro, arguments, _ in entries(text, "t.def")]
    assert got == [("OP", ["x", "2", 'x("q", b)']),
                   ("API", ["cay", "f(a: string,  b?: (x: number) => void): void", "", 'Does "it".']),
                   ("TYPE", ["T", "{ a: string }", "d"])], got
    for wrong in ("API(", "API(,)", "API((", "x", '"s"', "API(\"a"):
        try:
            list(entries(wrong, "t.def"))
        except Malformed:
            continue
        raise AssertionError(f"{wrong!r} was taken")
    assert in_namespace("readonly args: string[]") == "const args: string[];"
    assert in_namespace("f<T>(x: T): T") == "function f<T>(x: T): T;"
    assert in_namespace("onx: (a: string) => void") == "const onx: (a: string) => void;"
    assert declare("A", "{ a: string }") == "interface A { a: string }"
    assert declare("A", "{ a: 1 } | { b: 2 }") == "type A = { a: 1 } | { b: 2 };"
    assert declare("A", "type A = { a: 1 }") == "type A = { a: 1 };"
    assert declare("A", "interface A { a: 1; }") == "interface A { a: 1; }"
    assert split("a: '{;'; b(x: { c: 1; d: 2 }): void;") == ["a: '{;'", "b(x: { c: 1; d: 2 }): void"]
    long = "interface A { " + "; ".join(f"m{i}: {{ a: string; b: number }}" for i in range(9)) + " }"
    assert pretty(long).count("\n") == 10 and split(pretty(long)) == [pretty(long)], pretty(long)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__)
        return 2
    try:
        api = read_api(ROOT)
        made = {TYPES: make_types(api), PAGE: make_page(api)}
    except Malformed as why:
        print(f"api: {why}")
        return 1
    bad = 0
    for name, text in made.items():
        path = ROOT / name
        if sys.argv[1:]:
            if not path.exists() or path.read_text() != text:
                print(f"api: {name} is not what tools/gen_api.py makes of src/ops/*.def (run it)")
                bad = 1
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if sys.argv[1:] and not bad:
        print(f"api: {len(api.members)} members and {len(api.types)} types, as generated")
    return bad


if __name__ == "__main__":
    sys.exit(main())
