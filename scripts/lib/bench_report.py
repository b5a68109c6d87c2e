"""What bench.sh writes: tables, every round's figures, and pictures of the migrations."""
import glob
import json
import os
import statistics

import bench_picture

NAME = "benchmarks-migration"
COLUMNS = ("total-ms", "eviction-ms", "downtime-ms", "blocktime-ms", "sent-mib", "pages-twice", "page-out-gb-s", "cpu-s",
           "asked-writes-s", "writes-s", "client-p99-us")


def median(rounds, column):
    """Of the rounds that have the figure; None without any."""
    values = [one[column] for one in rounds if one.get(column) is not None]
    return statistics.median(values) if values else None


def number(value):
    """Three digits, or all those before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(rounds, column):
    """Median, and the least and the most."""
    values = [one[column] for one in rounds if one.get(column) is not None]
    if not values:
        return ""
    return f"{number(statistics.median(values))} ({number(min(values))}-{number(max(values))})"


def ratio(case, way, column, other, other_column):
    """One median in proportion to another; None where either is missing."""
    mine, theirs = median(case.found.get(way, []), column), median(case.found.get(other, []), other_column)
    return mine / theirs if mine and theirs else None


def aims(case):
    """The aims, each with what was found."""
    floor = statistics.median([one["scattered-4k"] for one in case.floors if one] or [0])
    page_out = median(case.found.get("direct", []), "page-out-gb-s")
    both = statistics.median([one.get("out-and-in", 0) for one in case.floors if one] or [0])
    both_ms = case.size * 1.048576 / both if both else None
    found = (
        ("direct: total / network-1 total", "at most 0.5", ratio(case, "direct", "total-ms", "network-1", "total-ms")),
        ("direct: total / qemu-precopy total", "at most 0.33", ratio(case, "direct", "total-ms", "qemu-precopy", "total-ms")),
        ("direct: eviction / network-1 total", "at most 0.35", ratio(case, "direct", "eviction-ms", "network-1", "total-ms")),
        ("nbd-tcp: total / network-1 total", "at most 1.3", ratio(case, "nbd-tcp", "total-ms", "network-1", "total-ms")),
        ("direct: page-out / scattered-4k memcpy", "at least 0.6", page_out / floor if page_out and floor else None),
        *((f"floor: copied out and in / {other} total", "", both_ms / median(case.found[other], "total-ms"))
          for other in ("network-1", "qemu-precopy") if both_ms and case.content == "random" and case.found.get(other)),
    )
    return [(name, aim, value) for name, aim, value in found if value is not None]


def tables(cases):
    """Markdown: of each case the ways, the floors and the aims."""
    for case in cases:
        yield f"### {case.name()}"
        yield ""
        yield f"| | {' | '.join(COLUMNS)} |"
        yield "|---" * (len(COLUMNS) + 1) + "|"
        for way, rounds in case.found.items():
            cells = [cell(rounds, column) for column in COLUMNS] if rounds else ["not installed"] + [""] * (len(COLUMNS) - 1)
            yield f"| {way} | {' | '.join(cells)} |"
        if bench_picture.lanes(case):
            yield ""
            yield f"![{case.name()}: the steps of each way, in time]({picture_name(case)})"
        known = [one for one in case.floors if one]
        if known:
            yield ""
            yield "Floors, GB/s: " + ", ".join(f"{name} {statistics.median(one[name] for one in known):.3g}" for name in known[0]) + "."
        if not case.writes and aims(case):
            yield ""
            yield "| ratio | aim | found |"
            yield "|---|---|---|"
            for name, aim, value in aims(case):
                yield f"| {name} | {aim} | {value:.2f} |"
        yield ""


def growth(cases):
    """Markdown: how total time and downtime grow with the size, without a load; nothing for one size."""
    idle = sorted((case for case in cases if not case.writes and case.content == cases[0].content), key=lambda case: case.size)
    if len(idle) < 2:
        return
    yield "### Growth with the size"
    yield ""
    yield "| | " + " | ".join(f"{case.size} MiB: ms/GiB" for case in idle) + " | largest step over proportional | downtime, ms more a GiB |"
    yield "|---" * (len(idle) + 3) + "|"
    for way in idle[0].found:
        totals = [median(case.found[way], "total-ms") for case in idle]
        downtimes = [median(case.found[way], "downtime-ms") for case in idle]
        if None in totals:
            continue
        rates = [total / case.size * 1024 for total, case in zip(totals, idle)]
        step = max(later / earlier for earlier, later in zip(rates, rates[1:]))
        slope = (downtimes[-1] - downtimes[0]) / (idle[-1].size - idle[0].size) * 1024
        yield f"| {way} | " + " | ".join(f"{rate:.0f}" for rate in rates) + f" | {step:.2f} | {slope:.1f} |"
    yield ""


def picture_name(case):
    """The file of a case's picture."""
    return f"{NAME}-{case.file_name()}.svg"


def write(home, folder, cases, notes):
    """The document between its markers, the figures, the pictures; those of an earlier run go."""
    os.makedirs(folder, exist_ok=True)
    document = os.path.join(folder, f"{NAME}.md")
    with open(document if os.path.exists(document) else os.path.join(home, "docs", f"{NAME}.md"), encoding="utf-8") as before:
        text = before.read()
    for name, lines in {"facts": notes, "tables": [*tables(cases), *growth(cases)]}.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        text = text.split(begin)[0] + begin + "\n" + "\n".join(lines) + "\n" + end + text.split(end)[1]
    with open(document, "w", encoding="utf-8") as after:
        after.write(text)
    with open(os.path.join(folder, f"{NAME}.json"), "w", encoding="utf-8") as file:
        json.dump({"facts": notes, "columns": COLUMNS,
                   "cases": {case.name(): {"rounds": case.found, "floors": case.floors} for case in cases}}, file, indent=1)
        file.write("\n")
    for picture in glob.glob(os.path.join(glob.escape(folder), f"{NAME}*.svg")):
        os.remove(picture)
    for case in cases:
        if bench_picture.lanes(case):
            with open(os.path.join(folder, picture_name(case)), "w", encoding="utf-8") as picture:
                picture.write(bench_picture.draw(case))
