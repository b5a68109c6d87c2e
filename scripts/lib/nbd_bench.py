#!/usr/bin/python3
"""Runs the measurements of bench-nbd.sh: HOME [--seconds N] [--rounds N]; writes docs/benchmarks-nbd.md, between its markers, and .json."""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import nbd_memory
import nbd_servers

FIO = {
    "4k random read, depth 64": ("randread", "4k", 64), "4k random write, depth 64": ("randwrite", "4k", 64),
    "4k random read, depth 1": ("randread", "4k", 1), "4k random write, depth 1": ("randwrite", "4k", 1),
    "1M sequential read, depth 16": ("read", "1m", 16), "1M sequential write, depth 16": ("write", "1m", 16),
}
COPIES = ("nbdcopy in", "nbdcopy out")


def fio(uri, rw, block, depth, seconds):
    """MiB/s for large blocks, thousands of requests a second for small ones."""
    said = subprocess.run(
        ["fio", "--name=bench", "--ioengine=nbd", f"--uri={uri}", f"--rw={rw}", f"--bs={block}", f"--iodepth={depth}",
         f"--size={nbd_servers.SIZE_BYTES}", "--time_based", f"--runtime={seconds}", "--norandommap", "--output-format=json"],
        check=True, capture_output=True, text=True, cwd=tempfile.gettempdir()).stdout
    job = json.loads(said[said.index("{"):])["jobs"][0]["read" if rw.endswith("read") else "write"]
    return job["iops"] / 1000 if block == "4k" else job["bw_bytes"] / (1 << 20)


def copy(uri, row, source, seconds):
    """MiB/s of nbdcopy, to the server or from it; as many copies as it takes to fill the time."""
    ends = [source, uri] if row == "nbdcopy in" else [uri, "null:"]
    copies, begin = 0, time.monotonic()
    while time.monotonic() - begin < seconds:
        subprocess.run(["nbdcopy", "--connections=4", "--requests=64", *ends], check=True, capture_output=True)
        copies += 1
    return copies * (nbd_servers.SIZE_BYTES >> 20) / (time.monotonic() - begin)


def measure(server, row, source, seconds):
    """One measurement; a peer that cannot do it (it fails) counts as none."""
    try:
        return fio(server.uri, *FIO[row], seconds) if row in FIO else copy(server.uri, row, source, seconds)
    except (subprocess.CalledProcessError, ValueError, KeyError) as failure:
        print(f"{server.name}, {row}: {failure}", file=sys.stderr)
        return None


def rounds(servers, source, count, seconds):
    """{row: {server: [a figure a round]}}; a first pass over every row fills the exports, warms the servers, is not counted."""
    rows = [*FIO, *COPIES]
    found = {row: {server.name: [] for server in servers} for row in rows}
    for server in servers:
        for row in reversed(rows):
            measure(server, row, source, server.warmup_seconds)
    for number in range(count):
        for row in rows:
            for server in servers[number % len(servers):] + servers[:number % len(servers)]:
                figure = measure(server, row, source, seconds)
                if figure:
                    found[row][server.name].append(figure)
    return found


def compare(transport, folder, options, source):
    """All servers up at once, measured in turn."""
    servers = []
    try:
        for kind in nbd_servers.installed():
            servers.append(kind(folder, transport, options.home))
        return rounds(servers, source, options.rounds, options.seconds)
    finally:
        for server in servers:
            server.stop()
            shutil.rmtree(server.folder, ignore_errors=True)  # a server that ends takes its own files away


def table(results):
    """The medians, and ours in proportion to the best of the others."""
    names = [kind.name for kind in nbd_servers.ALL]
    yield f"| | {' | '.join(names)} | Pageferry : best peer |"
    yield "|---" * (len(names) + 2) + "|"
    for transport, rows in results.items():
        for row, found in rows.items():
            unit = "k/s" if row.startswith("4k") else "MiB/s"
            median = {name: statistics.median(found[name]) for name in names if found.get(name)}
            missing = {name: "failed" if name in found else "not installed" for name in names}
            cells = [f"{median[name]:.4g}" if name in median else missing[name] for name in names]
            best = max((median[name] for name in names[1:] if name in median), default=None)
            ratio = f"{median[names[0]] / best:.2f}" if best and names[0] in median else ""
            yield f"| {transport}: {row}, {unit} | {' | '.join(cells)} | {ratio} |"


def facts(options, load):
    """Which machine, which programs, how long."""
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        model = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), "unknown")
    versions = [subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()[0]
                for command in (["nbdkit", "--version"], ["qemu-nbd", "--version"], ["fio", "--version"])
                if shutil.which(command[0])]
    return [f"`scripts/bench-nbd.sh --seconds {options.seconds} --rounds {options.rounds}`,"
            f" {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; {model},"
            f" {os.cpu_count()} processors, Linux {platform.release()}; {', '.join(versions)}.",
            f"Load average when it began: {load[0]:.1f}; when it ended: {os.getloadavg()[0]:.1f}."]


def write(home, results, memory, notes):
    """The document, between its markers, and the figures of every round as JSON."""
    path = os.path.join(home, "docs", "benchmarks-nbd.md")
    with open(path, encoding="utf-8") as document:
        text = document.read()
    for name, lines in {"facts": notes, "table": list(table(results)), "memory": list(nbd_memory.table(memory))}.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        text = text.split(begin)[0] + begin + "\n" + "\n".join(lines) + "\n" + end + text.split(end)[1]
    with open(path, "w", encoding="utf-8") as document:
        document.write(text)
    with open(os.path.join(home, "docs", "benchmarks-nbd.json"), "w", encoding="utf-8") as figures:
        json.dump({"facts": notes, "figures": results, "memory": memory}, figures, indent=1)
        figures.write("\n")


def main():
    """Everything, in a folder in memory that goes afterwards."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="pageferry-bench", dir="/dev/shm") as folder:
        source = os.path.join(folder, "source")
        with open(source, "wb") as file:
            for _ in range(nbd_servers.SIZE_BYTES >> 20):
                file.write(os.urandom(1 << 20))
        memory = nbd_memory.measure(folder, options.home)
        results = {name: compare(name, folder, options, source) for name in ("TCP", "Unix")}
    write(options.home, results, memory, facts(options, load))


if __name__ == "__main__":
    main()
