"""bench.sh: ways to migrate, in alternation in one run."""
import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import bench_qemu
import bench_report
import bench_rig

PAGE_BYTES = 4096
OURS = {
    "direct": {"path": "direct"},
    "nbd-unix": {"path": "nbd"},
    "nbd-tcp": {"path": "nbd"},
    "network-1": {"via": "network", "streams": 1, "order-out": "address"},
    "network-2": {"via": "network", "streams": 2, "order-out": "address"},
}
QEMU = {"qemu-precopy": False, "qemu-multifd": True}


def moment(migration, side, step):
    """When a side came to a step, in ms from the migration's first step; None if it did not."""
    found = [one["at-ns"] for one in migration["timeline"] if one["side"] == side and one["step"] == step]
    begin = migration["timeline"][0]["at-ns"]
    return (found[-1] - begin) / 1e6 if found else None


def figures(migration):
    """The columns of one migration of ours."""
    source, target = migration["source-progress"], migration["target-progress"]
    quiesced, resumed = moment(migration, "source", "quiesce"), moment(migration, "target", "resumed")
    first, refresh = moment(migration, "source", "first-pass"), moment(migration, "source", "refresh")
    return {
        "total-ms": migration["total-time-ms"],
        "resident-ms": moment(migration, "target", "resident"),
        "eviction-ms": source.get("eviction-time-ms"),
        "downtime-ms": resumed - quiesced,
        "blocktime-ms": target.get("blocktime-ms", 0),
        "sent-mib": source.get("transferred", 0) / 2**20,
        "pages-twice": source.get("pages-sent-again", 0),
        "page-out-gb-s": source.get("normal", 0) * PAGE_BYTES / 1e6 / max(0.001, refresh - first),
        "cpu-s": migration["cpu-seconds"],
        "client-p99-us": max(side["p99-us"] for side in migration["client"].values()),
        "fallbacks": source.get("path-fallbacks", 0) + target.get("path-fallbacks", 0),
    }


def floors(home, folder, memory_mib):
    """What the machine can at best; empty without a compiler."""
    if not shutil.which("gcc"):
        return {}
    program = os.path.join(folder, "floor")
    subprocess.run(["gcc", "-O2", "-o", program, os.path.join(home, "examples", "c", "migration_floor.c"), "-lpthread"], check=True)
    out = subprocess.run([program, str(memory_mib)], capture_output=True, check=True, text=True).stdout
    return json.loads(out)


class Case:
    """One size, content and load: rigs for each transport, and what was found."""

    def __init__(self, options, size, content, writes):
        self.options, self.size, self.content, self.writes = options, size, content, writes
        self.found = {way: [] for way in options.ways}
        self.floors = []
        self.last = {}

    def name(self):
        """For tables."""
        return f"{self.size} MiB, {self.content}, " + (f"{self.writes}% writes" if self.writes else "idle")

    def run(self, folder):
        """All rounds; the first, short one warms everything up and is not counted."""
        ours = [way for way in self.options.ways if way in OURS]
        rigs = {}
        try:
            for transport in sorted({way == "nbd-tcp" for way in ours}):
                rigs[transport] = bench_rig.Rig(self.options.home, self.size, self.content == "half-zero", unix=not transport,
                                                  agent_options=["--allocate-ahead"] if self.options.allocate == "ahead" else [])
            time.sleep(self.options.settle)
            for number in range(-1, self.options.rounds):
                self.round(number, rigs, folder)
            for rig in rigs.values():
                if not rig.verify():
                    raise RuntimeError("the partition's content is wrong")
        finally:
            for rig in rigs.values():
                rig.stop()

    def round(self, number, rigs, folder):
        """Every way once, in an order that turns."""
        turn = max(0, number) % len(self.options.ways)
        for way in self.options.ways[turn:] + self.options.ways[:turn]:
            print(f"{self.name()}, round {number + 1}: {way}", file=sys.stderr, flush=True)
            if way in QEMU:
                counts = number >= 0 and bench_qemu.installed()
                figure = bench_qemu.migrate(self.size, QEMU[way], self.options.allocate == "ahead") if counts else None
            else:
                figure = self.migrate(way, rigs[way == "nbd-tcp"])
            if number >= 0 and figure:
                self.found[way].append(figure)
        if number >= 0:
            self.floors.append(floors(self.options.home, folder, min(self.size, 1024)))

    def migrate(self, way, rig):
        """One migration of ours, under the load of the case."""
        # So many percent of what a path of 2 GB/s carries, in pages a second.
        rig.rate(1000, self.writes * 2_000_000_000 // PAGE_BYTES // 100)
        migration = rig.migrate(OURS[way])
        rig.rate(1000, 0)
        self.last[way] = migration
        return figures(migration)


def facts(options, load):
    """Which machine, how long, under which load of others."""
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        model = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), "unknown")
    qemu = "not installed"
    if bench_qemu.installed():
        version = subprocess.run([bench_qemu.PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
        qemu = version.splitlines()[0] + (", KVM" if os.access("/dev/kvm", os.R_OK | os.W_OK) else ", TCG")
    return [f"`scripts/bench.sh {' '.join(options.command)}`, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; {model},"
            f" {os.cpu_count()} processors, Linux {platform.release()}; QEMU: {qemu}.",
            f"Load average when it began: {load[0]:.1f}; when it ended: {os.getloadavg()[0]:.1f}."]


def parse(arguments):
    """The options, lists taken apart."""
    parser = argparse.ArgumentParser(prog="bench.sh")
    parser.add_argument("home")
    parser.add_argument("--sizes", default="1024")
    parser.add_argument("--contents", default="random")
    parser.add_argument("--writes", default="0,10")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", default=",".join([*OURS, *QEMU]))
    parser.add_argument("--allocate", choices=("ahead", "on-demand"), default="ahead", help="the target's memory, all ways alike")
    parser.add_argument("--settle", type=float, default=3, help="seconds to wait before the first migration")
    options = parser.parse_args(arguments)
    options.command = arguments[1:]
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.contents = options.contents.split(",")
    options.writes = [int(percent) for percent in options.writes.split(",")]
    options.ways = options.ways.split(",")
    unknown = [way for way in options.ways if way not in OURS and way not in QEMU]
    if unknown:
        parser.error(f"unknown ways: {', '.join(unknown)}")
    return options


def main():
    """Everything, in a folder that goes afterwards."""
    options = parse(sys.argv[1:])
    load = os.getloadavg()
    cases = [Case(options, size, content, writes)
             for size in options.sizes for content in options.contents for writes in options.writes]
    with tempfile.TemporaryDirectory(prefix="pageferry-bench") as folder:
        for case in cases:
            case.run(folder)
    bench_report.write(options.home, cases, facts(options, load))
    for line in bench_report.tables(cases):
        print(line)


if __name__ == "__main__":
    main()
