#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the JavaScript glue in src/js.

    tools/lint_js.py [DIRECTORY]

1. Layers: NN_name.js imports only files with a strictly smaller NN, by a relative path ("cay:" names are
   made by tools/js/bundle.sh).
2. Primordials only: no syntax and no call that a guest can reach by patching a built-in. Text between the
   comments `lint: snapshot time` and `lint: worker time` runs before any guest exists and is exempt.
3. Each file begins with the licence and a purpose, and stays under 700 lines.
"""
import os
import re
import sys

MAX_LINES = 700
MAX_COLUMNS = 110

# Methods of built-ins. The glue's own objects avoid these names.
METHODS = """
    at concat copyWithin entries every fill filter find findIndex findLast flat flatMap forEach includes indexOf
    join keys lastIndexOf map pop push reduce reduceRight reverse shift slice some sort splice unshift values
    charAt charCodeAt codePointAt endsWith localeCompare match matchAll normalize padEnd padStart repeat replace
    replaceAll search split startsWith substring toLowerCase toUpperCase trim trimEnd trimStart
    call apply bind then catch finally get set has add delete clear deref exec test next return throw
    hasOwnProperty isPrototypeOf propertyIsEnumerable toString valueOf toJSON register unregister
""".split()

# Statics of built-ins and functions of the global object, which 00_primordials.js has under other names.
STATICS = """
    Array Object Reflect Promise Number String Symbol Math JSON Error Date BigInt Atomics Proxy
""".split()

RULES = [
    (r"\bfor\s*(?:await\s*)?\([^;)]*\bof\b", "for-of runs the guest's iterators; use an index"),
    (r"\bfor\s*\([^;)]*\bin\b", "for-in sees the guest's prototypes; use ReflectOwnKeys or ObjectKeys"),
    (r"\binstanceof\b", "instanceof runs Symbol.hasInstance; use a brand"),
    (r"\b(?:const|let|var)\s*\[|^\s*\[[^\]]*\]\s*=[^=]", "array destructuring runs the array iterator"),
    (r"\b(?:async|await|yield)\b", "promises and generators are the guest's to patch"),
    (r"\bglobalThis\b", "globalThis can be replaced; use globalObject"),
    (r"\barguments\s*\[", "name the parameters instead"),
    (r"\.\s*(?:%s)\s*\(" % "|".join(METHODS), "call of a built-in's method; use a primordial"),
    (r"\b(?:%s)\s*\.\s*\w+" % "|".join(STATICS), "a built-in's static; use a primordial"),
    (r"\bconsole\s*\.", "the console is the guest's; use ops.print"),
]
RULES = [(re.compile(pattern, re.MULTILINE), why) for pattern, why in RULES]

# `...` is rest in a parameter list or pattern, which is safe; everywhere else it is a spread.
SPREAD = re.compile(r"\.\.\.")
REST = re.compile(r"\.\.\.\w+\s*\)\s*(?:\{|=>)")
OBJECT_SPREAD = re.compile(r"[{,]\s*\.\.\.\w+\s*,\s*\w+\s*:")
DERIVED = re.compile(r"\bclass\b[^{]*\bextends\b[^{]*\{")
IMPORT = re.compile(r"""(?:^|\n)\s*(?:import|export)\s+(?:[\w*{}\s,]+\s+from\s+)?["']([^"']+)["']""")
NAME = re.compile(r"^(\d\d)_[a-z0-9_]+\.js$")


def blank(text):
    """Spaces for text, with its line breaks kept."""
    return re.sub(r"[^\n]", " ", text)


def strip(source):
    """The code alone: comments, strings, templates' text and regular expressions become spaces."""
    token = re.compile(
        r"//[^\n]*|/\*.*?\*/"
        r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
        r"|(?<=[=(,:?])(\s*)/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*", re.DOTALL)
    code = token.sub(lambda m: blank(m.group(0)), source)
    # What stands between ${ and } in a template is code; the rest is text.
    return re.sub(r"`[^`]*`", template, code)


def template(match):
    text = match.group(0)
    out = []
    at = 0
    for hole in re.finditer(r"\$\{([^}]*)\}", text):
        out.append(blank(text[at:hole.start() + 2]))
        out.append(hole.group(1))
        at = hole.end() - 1
    out.append(blank(text[at:]))
    return "".join(out)


def exempt(source, code):
    """The code without what runs while the snapshot is made, and without what awaits on purpose."""
    pattern = re.compile(r"// lint: (?:snapshot time|awaits on purpose).*?(?:// lint: worker time|\Z)", re.DOTALL)
    for match in pattern.finditer(source):
        begin, end = match.span()
        code = code[:begin] + blank(code[begin:end]) + code[end:]
    return code


def body_of(code, opening):
    depth = 0
    for i in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return code[opening:i]
    return code[opening:]


class File:
    def __init__(self, folder, name):
        self.name = name
        self.path = os.path.join(folder, name)
        with open(self.path, encoding="utf-8") as file:
            self.source = file.read()
        self.code = strip(self.source)
        self.faults = []

    def fault(self, offset, why):
        line = self.source.count("\n", 0, offset) + 1
        self.faults.append(f"{self.path}:{line}: {why}")

    def check(self):
        self.check_shape()
        self.check_imports()
        if not self.name.startswith("00_"):
            self.check_primordials(exempt(self.source, self.code))
        return self.faults

    def check_shape(self):
        lines = self.source.split("\n")
        if not NAME.match(self.name):
            self.fault(0, "the name is not NN_name.js")
        if lines[0] != "// SPDX-License-Identifier: MIT" or not lines[1].startswith("// "):
            self.fault(0, "begin with the licence line and a comment on the purpose")
        if len(lines) > MAX_LINES:
            self.fault(0, f"{len(lines)} lines, more than {MAX_LINES}")
        offset = 0
        for line in lines:
            if len(line) > MAX_COLUMNS:
                self.fault(offset, f"{len(line)} columns, more than {MAX_COLUMNS}")
            if "\t" in line or line != line.rstrip():
                self.fault(offset, "a tab, or spaces at the end of a line")
            offset += len(line) + 1

    def check_imports(self):
        for match in IMPORT.finditer(self.source):
            target = match.group(1)
            if target.startswith("cay:"):
                continue
            other = NAME.match(target[2:]) if target.startswith("./") else None
            mine = NAME.match(self.name)
            if other is None:
                self.fault(match.start(1), f"import of {target}: not a file of the glue")
            elif mine and other.group(1) >= mine.group(1):
                self.fault(match.start(1), f"import of {target}: a layer that is not below")

    def check_primordials(self, code):
        for pattern, why in RULES:
            for match in pattern.finditer(code):
                self.fault(match.start(), why)
        for match in SPREAD.finditer(code):
            if not REST.match(code, match.start()) and not self.is_object_spread(code, match.start()):
                self.fault(match.start(), "a spread runs the array iterator; use ReflectApply or a list")
        for match in DERIVED.finditer(code):
            if not re.search(r"\bconstructor\s*\(", body_of(code, match.end() - 1)):
                self.fault(match.start(), "a derived class needs a constructor of its own: the default one "
                                          "runs the array iterator")

    @staticmethod
    def is_object_spread(code, offset):
        return OBJECT_SPREAD.match(code, max(0, code.rfind("{", 0, offset)))


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "src", "js")
    names = sorted(name for name in os.listdir(folder) if name.endswith(".js"))
    faults = [fault for name in names for fault in File(folder, name).check()]
    for fault in faults:
        print(fault)
    print(f"lint_js: {len(names)} files, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
