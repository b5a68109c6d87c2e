"""What bench.sh writes: tables, every round's figures, and a picture of the hand-overs."""
import json
import os
import statistics

COLUMNS = ("total-ms", "eviction-ms", "downtime-ms", "blocktime-ms", "sent-mib", "pages-twice", "page-out-gb-s", "cpu-s", "client-p99-us")
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")


def median(rounds, column):
    """Of the rounds that have the figure; None without any."""
    values = [one[column] for one in rounds if one.get(column) is not None]
    return statistics.median(values) if values else None


def cell(rounds, column):
    """Median, and the least and the most."""
    values = [one[column] for one in rounds if one.get(column) is not None]
    if not values:
        return ""
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def ratio(case, way, column, other, other_column):
    """One median in proportion to another; None where either is missing."""
    mine, theirs = median(case.found.get(way, []), column), median(case.found.get(other, []), other_column)
    return mine / theirs if mine and theirs else None


def aims(case):
    """The aims, each with what was found."""
    floor = statistics.median([one["scattered-4k"] for one in case.floors if one] or [0])
    page_out = median(case.found.get("direct", []), "page-out-gb-s")
    found = (
        ("direct: total / network-1 total", "at most 0.5", ratio(case, "direct", "total-ms", "network-1", "total-ms")),
        ("direct: total / qemu-precopy total", "at most 0.33", ratio(case, "direct", "total-ms", "qemu-precopy", "total-ms")),
        ("direct: eviction / network-1 total", "at most 0.35", ratio(case, "direct", "eviction-ms", "network-1", "total-ms")),
        ("nbd-tcp: total / network-1 total", "at most 1.3", ratio(case, "nbd-tcp", "total-ms", "network-1", "total-ms")),
        ("direct: page-out / scattered-4k memcpy", "at least 0.6", page_out / floor if page_out and floor else None),
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


def timeline(case):
    """A picture (SVG): of each way the steps of its last migration, both sides."""
    width, lane, left = 960, 44, 110
    longest = max((m["timeline"][-1]["at-ns"] - m["timeline"][0]["at-ns"]) / 1e6 for m in case.last.values())
    title = f"{case.name()}: 0 to {longest:.0f} ms; above the source, below the target"
    size = f'width="{width}" height="{lane * len(case.last) + 40}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
             '<rect width="100%" height="100%" fill="white"/>', f'<text x="8" y="16">{title}</text>']
    for row, (way, migration) in enumerate(case.last.items()):
        top = 28 + row * lane
        parts.append(f'<text x="8" y="{top + 18}">{way}</text>')
        for offset, side in ((0, "source"), (16, "target")):
            steps = [one for one in migration["timeline"] if one["side"] == side]
            for number, step in enumerate(steps):
                begin = migration["timeline"][0]["at-ns"]
                at = (step["at-ns"] - begin) / 1e6
                is_last = number + 1 == len(steps)
                end = at + longest / 200 if is_last else (steps[number + 1]["at-ns"] - begin) / 1e6
                x, span = left + at / longest * (width - left - 10), max(1.0, (end - at) / longest * (width - left - 10))
                place = f'x="{x:.1f}" y="{top + offset}" width="{span:.1f}" height="14"'
                parts.append(f'<rect {place} fill="{COLOURS[number % len(COLOURS)]}">'
                             f'<title>{side}: {step["step"]}, {at:.1f} ms</title></rect>')
    return "\n".join([*parts, "</svg>", ""])


def write(home, cases, notes):
    """The document between its markers, the figures, the picture of the first case."""
    base = os.path.join(home, "docs", "benchmarks-migration")
    with open(base + ".md", encoding="utf-8") as document:
        text = document.read()
    for name, lines in {"facts": notes, "tables": [*tables(cases), *growth(cases)]}.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        text = text.split(begin)[0] + begin + "\n" + "\n".join(lines) + "\n" + end + text.split(end)[1]
    with open(base + ".md", "w", encoding="utf-8") as document:
        document.write(text)
    with open(base + ".json", "w", encoding="utf-8") as file:
        json.dump({"facts": notes, "cases": {case.name(): {"rounds": case.found, "floors": case.floors} for case in cases}}, file, indent=1)
        file.write("\n")
    if cases and cases[0].last:
        with open(base + ".svg", "w", encoding="utf-8") as picture:
            picture.write(timeline(cases[0]))
