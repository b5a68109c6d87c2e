#!/usr/bin/env python3
"""Makes the table of docs/page-tables.md from what PageTableBenchmark has printed; for scripts/bench-pagetable.sh."""

import datetime
import re
import statistics
import sys
from collections import defaultdict

import doc_table

PHASES = ["arrival", "arrived", "end", "after", "undisturbed"]


def read(path):
    rows, times = defaultdict(lambda: defaultdict(list)), defaultdict(list)
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            cells = line.strip().split(",")
            if cells[0] != "pagetable":
                continue
            if cells[2] == "times":
                times[cells[1]].append(dict(re.findall(r"(\w+) ([0-9.]+) ms", cells[3])))
            else:
                rows[cells[1]][cells[2]].append([float(cell) for cell in cells[3:]])
    return rows, times


def table(rows, times):
    lines = ["| portion/interval | phase | accesses/s | p99 us | p99.9 us | longest stall ms | p99.9 to undisturbed |", "|---" * 7 + "|"]
    for name, phases in rows.items():
        calm = statistics.median(run[4] for run in phases["undisturbed"])
        for phase in PHASES:
            runs = phases[phase]
            rate, p99, p999, longest = (statistics.median(run[i] for run in runs) for i in (1, 3, 4, 5))
            lines.append(f"| {name} | {phase} | {rate:,.0f} | {p99 / 1000:.2f} | {p999 / 1000:.2f} | {longest / 1e6:.2f} "
                         f"| {p999 / calm:.2f} |")
    lines.append("")
    for name, runs in times.items():
        steps = [f"{step} {statistics.median(float(run[step]) for run in runs):.1f} ms" for step in runs[0]]
        lines.append(f"- {name}: {', '.join(steps)}")
    return "\n".join(lines)


def main():
    rows, times = read(sys.argv[1])
    if not rows:
        raise SystemExit("the benchmark has printed nothing")
    mebibytes = int(sys.argv[2]) // 256
    heading = (f"{datetime.date.today()}, {mebibytes} MiB, one busy thread, medians; *end* is from the last page to the end of the "
               "sweep (or the end of UFFDIO_UNREGISTER: *plain*); portions in pages, intervals in ms.\n\n")
    text = heading + table(rows, times)
    print(text)
    doc_table.replace(sys.argv[3], "bench-pagetable", text)


main()
