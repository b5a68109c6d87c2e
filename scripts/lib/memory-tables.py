#!/usr/bin/env python3
"""Puts what bench-memory.sh has measured into the document, between its markers: MEMORY.csv PAGER.log DOCUMENT."""
import csv
import json
import re
import statistics
import sys


def memory_rows(path):
    """A row a loop: its rate on each kind of memory, and the partition table's in proportion."""
    rates = {}
    for row in csv.DictReader(open(path, encoding="utf-8")):
        loop = row["Benchmark"].rsplit(".", 1)[1]
        rates.setdefault(loop, {})[row["Param: memory"]] = float(row["Score"])
    yield "| loop | partition table | plain memfd | anonymous | partition : memfd |"
    yield "|---|---|---|---|---|"
    for loop, rate in rates.items():
        partition, memfd, anonymous = (rate[kind] for kind in ("PARTITION_TABLE", "PLAIN_MEMFD", "ANONYMOUS"))
        yield f"| {loop}, operations/us | {partition:.2f} | {memfd:.2f} | {anonymous:.2f} | {partition / memfd:.2f} |"


def fault_rows(lines):
    """A row a round of floor and pager, and the medians."""
    found = {"floor": [], "pager": []}
    for line in lines:
        match = re.match(r"bench: (floor|pager): (\{[^}]*\})", line)
        if match:
            found[match[1]].append(json.loads(match[2])["p50-us"])
    yield "| round | fault floor, p50 us | served fault, p50 us | ratio |"
    yield "|---|---|---|---|"
    for index, (floor, pager) in enumerate(zip(found["floor"], found["pager"]), 1):
        yield f"| {index} | {floor:.1f} | {pager:.1f} | {pager / floor:.2f} |"
    floor, pager = (statistics.median(found[name]) for name in ("floor", "pager"))
    yield f"| median | {floor:.1f} | {pager:.1f} | {pager / floor:.2f} |"


def tracking_rows(lines):
    """A row a measure, its runs' median."""
    found = {}
    for line in lines:
        match = re.match(r"bench: ((?:arm|scan|sampler|heap)[^:]*): ([\d.]+) (ms|KiB)(?: \(cpu ([\d.]+) ms\))?", line)
        if match:
            found.setdefault((match[1], match[3]), []).append((float(match[2]), float(match[4] or 0)))
    yield "| measure | median | of it processor time |"
    yield "|---|---|---|"
    for (measure, unit), runs in found.items():
        wall, processor = (statistics.median(column) for column in zip(*runs))
        yield f"| {measure} | {wall:.1f} {unit} | {f'{processor:.1f} ms' if unit == 'ms' else ''} |"


def main(memory, pager, document):
    lines = open(pager, encoding="utf-8").read().splitlines()
    text = open(document, encoding="utf-8").read()
    tables = {"memory": memory_rows(memory), "faults": fault_rows(lines), "tracking": tracking_rows(lines)}
    for name, rows in tables.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = text.split(begin)
        text = before + begin + "\n" + "\n".join(rows) + "\n" + end + rest.split(end)[1]
    open(document, "w", encoding="utf-8").write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
