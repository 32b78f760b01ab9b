# SPDX-License-Identifier: MIT
"""From raw runs to medians, spread, ratios, and a table."""

import statistics


def number(value):
    """Three significant digits or all digits of the whole part, whichever is more."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def summary(values, metric):
    """Median, spread and the scaled values themselves."""
    scaled = [v * metric.scale for v in values]
    return {
        "median": statistics.median(scaled),
        "min": min(scaled),
        "max": max(scaled),
        "values": scaled,
    }


def summarise(metric, runs, names, base):
    """{runtime: {...}} of one metric; the ratio is above 1 where `base` is the better one."""
    rows = {}
    for name in names:
        mine = [r for r in runs if r["runtime"] == name]
        values = [r["numbers"][metric.key] for r in mine if metric.key in r["numbers"]]
        if values:
            rows[name] = summary(values, metric)
            # A runtime that failed in some rounds must not look as good as one that never did.
            rows[name]["failed_runs"] = sum(1 for r in mine if r["status"] != "ok")
        else:
            why = (r["status"] for r in mine if r["status"] != "ok")
            rows[name] = {"status": next(why, "n.a." if mine else "–")}
    add_ratios(metric, rows, base)
    return rows


def add_ratios(metric, rows, base):
    ours = rows.get(base, {}).get("median")
    for name, row in rows.items():
        theirs = row.get("median")
        if not metric.ratio or name == base or not ours or not theirs or min(ours, theirs) <= 0:
            continue
        row["ratio"] = ours / theirs if metric.higher_is_better else theirs / ours
        row["overlap"] = overlap(row, rows[base])


def overlap(a, b):
    """Whether the runs of two runtimes are not clearly apart; one run each cannot tell."""
    several = len(a["values"]) > 1 and len(b["values"]) > 1
    return several and a["min"] <= b["max"] and b["min"] <= a["max"]


def cell(row):
    if "median" not in row:
        return row["status"]
    text = number(row["median"])
    if len(row["values"]) > 1:
        text += f" ({number(row['min'])}–{number(row['max'])})"
    if "ratio" in row:
        ratio = f"{number(row['ratio'])}×"
        text += f" ~{ratio}" if row["overlap"] else f" **{ratio}**"
    if row["failed_runs"]:
        text += f" [{row['failed_runs']} failed]"
    return text


def table(results, names):
    """A Markdown table that can also be read as plain text."""
    lines = [["case", "unit", *names]]
    for one in results:
        metric = one["metric"]
        lines.append([metric.label, metric.unit, *(cell(one["rows"][name]) for name in names)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    out = []
    for i, line in enumerate(lines):
        out.append("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |")
        if i == 0:
            out.append("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(out)
