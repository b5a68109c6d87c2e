#!/usr/bin/env python3
"""Compares the orders of migration under a skewed load; see scripts/bench-heat.sh."""

import argparse
import datetime
import json
import statistics
import sys
import time

import doc_table
from ferry import Ferry

FIGURES = ["sent-twice", "total-ms", "downtime-ms", "last-pages", "missing", "faults", "blocked-ms", "p99-ms", "runs"]


def at(figures, step):
    return next((one["at-ns"] for one in figures["timeline"] if one["step"] == step), None)


def latencies(ferry, resumed):
    """Of the requests that were due in the second after the switch, once those are answered that the migration held up."""
    for _ in range(20):
        answer = ferry.load.ask(f"latency {resumed} {resumed + 10**9}").split()
        if int(answer[0]) > 0:
            break
        time.sleep(0.5)
    return answer


def measure(ferry, order, settle_s):
    ferry.prepare()
    time.sleep(settle_s)
    figures = ferry.migrate("--order", order, *ARGS.migrate)
    resumed = at(figures, "resumed")
    time.sleep(max(0.0, 1.3 - (time.time() - resumed / 1e9)))
    answer = latencies(ferry, resumed)
    row = {
        "order": order,
        "sent-twice": figures.get("pages-sent-again", 0),
        "sent": figures["normal"],
        "total-ms": figures["total-time"],
        "downtime-ms": (resumed - at(figures, "quiesce")) / 1e6,
        "last-pages": figures.get("last-pages", 0),
        "missing": figures.get("pages-missing-at-resume", 0),
        "faults": figures.get("postcopy-requests", 0),
        "blocked-ms": figures.get("blocktime-ms", 0),
        "p99-ms": int(answer[2]) / 1000,
        "requests-in-second": int(answer[0]),
        "runs": figures.get("page-runs", 0),
    }
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def warm_up(ferry):
    """Migrations that do not count, since the agents' code is not compiled yet; then the heat is learnt."""
    ferry.load.ask(f"pace {ARGS.rates[0]} {ARGS.writes[-1]}")
    for turn in range(ARGS.warm_migrations):
        measure(ferry, ("hot-cold", "address")[turn // 2 % 2], 0)
    time.sleep(ARGS.learn)


def case(ferry, rate, writes):
    print(f"== {rate} requests/s, {writes} % writes", file=sys.stderr, flush=True)
    ferry.load.ask(f"pace {rate} {writes}")
    time.sleep(ARGS.warm)
    rows = []
    for run in range(ARGS.runs):
        # Each order goes first as often as the other, and from a to b as often as back.
        pair = ["hot-cold", "address"] if run % 2 == 0 else ["address", "hot-cold"]
        for order in pair:
            rows.append(measure(ferry, order, ARGS.settle))
    return {"rate": rate, "writes": writes, "rows": rows}


def spread(values):
    return f"{statistics.median(values):.4g} ({min(values):.4g}-{max(values):.4g})"


def ratios_of(cases):
    """Of each figure the geometric mean of the cases' ratios, where each of them has one."""
    means = []
    for name in FIGURES:
        pairs = [[statistics.median(row[name] for row in one["rows"] if row["order"] == order)
                  for order in ("hot-cold", "address")] for one in cases]
        ratios = [hot / address for hot, address in pairs if hot > 0 and address > 0]
        whole = len(ratios) == len(pairs)
        means.append(f"{statistics.geometric_mean(ratios):.2f}" if whole else "-")
    return means


def table(cases):
    lines = ["| requests/s | writes | order | " + " | ".join(FIGURES) + " |", "|---" * (3 + len(FIGURES)) + "|"]
    for one in cases:
        for order in ("hot-cold", "address"):
            rows = [row for row in one["rows"] if row["order"] == order]
            cells = [spread([row[name] for row in rows]) for name in FIGURES]
            lines.append(f"| {one['rate']} | {one['writes']} % | {order} | " + " | ".join(cells) + " |")
        ratios = []
        for name in FIGURES:
            hot, address = (statistics.median(r[name] for r in one["rows"] if r["order"] == order)
                            for order in ("hot-cold", "address"))
            ratios.append(f"{hot / address:.2f}" if address else "-")
        lines.append(f"| | | ratio | " + " | ".join(ratios) + " |")
    lines.append("| all | | mean ratio | " + " | ".join(ratios_of(cases)) + " |")
    return "\n".join(lines)


def throughput(interval):
    """What the store answers a second, as fast as it can, with and without sampling, in alternation."""
    rates = []
    with Ferry(ARGS.memory, ARGS.keys, ARGS.value_bytes, ["--heat-interval", str(interval)]) as ferry:
        ferry.load.ask("pace 1000000 20")
        time.sleep(5)
        for _ in range(2):
            before, start = int(ferry.load.ask("requests")), time.time()
            time.sleep(ARGS.cost_seconds)
            rates.append((int(ferry.load.ask("requests")) - before) / (time.time() - start))
    return rates


def cost():
    rates = {0: [], 2: [], 10: []}
    for interval in (0, 2, 10, 10, 2, 0):
        rates[interval] += throughput(interval)
    off = statistics.median(rates[0])
    text = (f"Requests/s at full speed with 20 % writes, medians of {len(rates[0])}: {off:,.0f} "
            f"({min(rates[0]):,.0f}-{max(rates[0]):,.0f}) without sampling")
    for interval in (10, 2):
        on = rates[interval]
        text += (f"; {statistics.median(on):,.0f} ({min(on):,.0f}-{max(on):,.0f}) with a sample every {interval} s or rarer, "
                 f"ratio {statistics.median(on) / off:.3f}")
    return text + "."


TARGETS = {
    "prefetch": ("Over NBD, the target fetches while the source sends", [], False),
    "postcopy": ("Over NBD, the target fetches nothing before the commit (`--no-prefetch`)", ["--no-prefetch"], False),
    "direct": ("By the direct path, the target fetches nothing before the commit (`--no-prefetch`)", ["--no-prefetch"], True),
}


def target(name):
    _, options, direct = TARGETS[name]
    agent_options = ["--heat-interval", str(ARGS.heat_interval), *options]
    with Ferry(ARGS.memory, ARGS.keys, ARGS.value_bytes, agent_options, direct=direct) as ferry:
        warm_up(ferry)
        return [case(ferry, rate, writes) for rate in ARGS.rates for writes in ARGS.writes]


def main():
    measured = {name: target(name) for name in ARGS.targets.split(",")}
    text = (f"{datetime.date.today()}, {ARGS.memory}, {ARGS.keys} keys of {ARGS.value_bytes} bytes, sampled every "
            f"{ARGS.heat_interval:g} s, {ARGS.runs} runs each.")
    for name, cases in measured.items():
        text += f"\n\n{TARGETS[name][0]}:\n\n" + table(cases)
    if ARGS.cost_seconds > 0:
        text += "\n\n" + cost()
    print(text)
    if ARGS.docs:
        doc_table.replace(ARGS.docs, "bench-heat", text)
    if ARGS.json:
        with open(ARGS.json, "w", encoding="utf-8") as out:
            json.dump(measured, out, indent=1)


def numbers(text):
    return [int(one) for one in text.split(",")]


parser = argparse.ArgumentParser()
parser.add_argument("--memory", default="160M")
parser.add_argument("--keys", type=int, default=90000)
parser.add_argument("--value-bytes", type=int, default=1024)
parser.add_argument("--rates", type=numbers, default=[2000, 6000])
parser.add_argument("--writes", type=numbers, default=[5, 20, 50])
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--warm", type=float, default=3, help="seconds of load before each case")
parser.add_argument("--warm-migrations", type=int, default=12)
parser.add_argument("--targets", default=",".join(TARGETS), help="of " + ", ".join(TARGETS))
parser.add_argument("--learn", type=float, default=25, help="seconds of load before all cases, to learn the heat")
parser.add_argument("--settle", type=float, default=1)
parser.add_argument("--heat-interval", type=float, default=2)
parser.add_argument("--json", default="")
parser.add_argument("--docs", default="", help="the document to put the tables into")
parser.add_argument("--cost-seconds", type=float, default=5, help="of each measurement of what sampling costs; 0 for none")
parser.add_argument("migrate", nargs="*", default=[], help="further options of pageferry migrate, after --")
ARGS = parser.parse_args()
if __name__ == "__main__":
    main()
