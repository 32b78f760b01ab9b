#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Layers point down only: checks every #include of src/ against the floor plan, that V8 is included by
src/engine/*.cc alone, that the command uses public headers alone, and that no public header includes a
private one. Prints one line per violation; exit 1 when there is any."""
import pathlib
import re
import sys

# What each folder may include beside itself and include/cay. The floor plan of docs/architecture.md.
ALLOWED = {
    "base": [],
    "os": ["base"],
    "codec": ["base"],
    "url": ["base", "os"],
    "perm": ["base", "os", "url"],
    "io": ["base", "os", "url"],
    "engine": ["base", "os"],
    "limits": ["base", "os"],
    "port": ["base", "os", "codec", "limits"],
    "sched": ["base", "os"],
    "worker": ["base", "os", "url", "engine", "codec", "perm", "io", "limits", "port", "sched"],
    "ops": ["base", "os", "url", "engine", "codec", "perm", "io", "limits", "port", "sched", "worker"],
    "loader": ["base", "os", "url", "engine", "codec", "perm", "io", "limits", "port", "sched", "worker"],
    "runtime": ["base", "os", "codec", "url", "perm", "io", "limits", "port"],
    "inproc": ["base", "os", "engine", "perm", "io", "limits", "port", "sched", "worker", "ops", "loader", "runtime"],
    "cli": [],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def check(path: pathlib.Path, root: pathlib.Path) -> list[str]:
    rel = path.relative_to(root)
    layer = rel.parts[1]
    if layer not in ALLOWED:
        return [f"{rel}: folder '{layer}' is not in the floor plan"]
    bad = []
    for match in INCLUDE.finditer(path.read_text()):
        quote, name = match.groups()
        line = path.read_text()[: match.start(2)].count("\n") + 1
        where = f"{rel}:{line}"
        if re.match(r"(v8|libplatform|cppgc|node)", name) and not (
            layer == "engine" and (path.suffix == ".cc" or path.name.startswith("v8_"))
        ):
            bad.append(f"{where}: V8 header {name} outside src/engine")
        if quote == "<" or name.startswith("cay/"):
            continue
        target = name.split("/")[0] if "/" in name else layer
        if target != layer and target not in ALLOWED[layer]:
            bad.append(f"{where}: {layer} must not include {name}")
        if layer == "cli" and "/" in name and not name.startswith("cli/"):
            bad.append(f"{where}: the command uses public headers alone, not {name}")
    return bad


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    bad = []
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in (".c", ".h", ".cc", ".def"):
            bad += check(path, root)
    for path in sorted((root / "include").rglob("*.h")):
        for match in INCLUDE.finditer(path.read_text()):
            if match.group(1) == '"' and not match.group(2).startswith("cay/"):
                bad.append(f"{path.relative_to(root)}: public header includes {match.group(2)}")
    for path in sorted((root / "src").rglob("*.cc")):
        if path.parent.name != "engine":
            bad.append(f"{path.relative_to(root)}: C++ outside src/engine")
    print("\n".join(bad) if bad else "layers: every include points down")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
