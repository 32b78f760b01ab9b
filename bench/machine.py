# SPDX-License-Identifier: MIT
"""What must be known of a machine and a build to read a number taken on it."""

import json
import os
import pathlib
import platform
import subprocess

BUILD_OPTIONS = ("buildtype", "optimization", "debug", "b_ndebug", "b_lto", "b_sanitize")


def first_line(argv):
    """The first line a command prints, or None."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.strip().splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else None


def proc_value(path, key):
    try:
        with open(path, encoding="utf-8") as f:
            for line in f:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return None


def memory_bytes(key):
    value = proc_value("/proc/meminfo", key)
    return int(value.split()[0]) * 1024 if value else None


def governor():
    try:
        path = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
        return pathlib.Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return None


def describe():
    return {
        "cpu": proc_value("/proc/cpuinfo", "model name") or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": memory_bytes("MemTotal"),
        "kernel": platform.release(),
        "arch": platform.machine(),
        "governor": governor(),
    }


def commit(folder):
    """(hash, whether the tree differs from it), or (None, None) outside a repository."""
    found = first_line(["git", "-C", str(folder), "rev-parse", "HEAD"])
    if not found:
        return None, None
    git = ["git", "-C", str(folder), "status", "--porcelain", "--untracked-files=no"]
    return found, first_line(git) is not None


def build_options(binary):
    """The options of the meson build that the binary lies in; empty when it lies in none."""
    path = pathlib.Path(binary).resolve().parent / "meson-info" / "intro-buildoptions.json"
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {o["name"]: o["value"] for o in options if o["name"] in BUILD_OPTIONS}


def build_warning(options):
    """A sentence when a build is not the one to judge by, else None."""
    if options.get("b_sanitize", "none") not in ("none", "", []):
        return "cay was built with a sanitizer: its numbers say nothing about its speed."
    if options.get("optimization") in ("0", "g", "plain"):
        return "cay was built without optimisation: its numbers say little about its speed."
    return None
