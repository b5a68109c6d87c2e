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
import bench_tcp

PAGE_BYTES = 4096
OURS = {
    "direct": {"path": "direct"},
    "direct-fresh": {"path": "direct", "area": "shared"},
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
    source, target, client = migration["source-progress"], migration["target-progress"], migration["client"]
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
        "page-out-gb-s": source["first-pass-pages"] * PAGE_BYTES / 1e6 / max(0.001, refresh - first),
        "cpu-s": migration["cpu-seconds"],
        "client-p99-us": client["p99-us"],
        "client-max-us": client["max-us"],
        "writes-s": client["writes"] / client["seconds"],
        "asked-writes-s": migration["asked-writes-s"],
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
    """One size, content and load: a rig, and what was found."""

    def __init__(self, options, size, content, writes):
        self.options, self.size, self.content, self.writes = options, size, content, writes
        # The load is the program's own; QEMU's machine stands still.
        self.ways = [way for way in options.ways if way in OURS or not writes]
        self.found = {way: [] for way in self.ways}
        self.floors = []
        self.migrations = {way: [] for way in self.ways if way in OURS}
        self.carries = {}

    def name(self):
        """For tables."""
        return f"{self.size} MiB, {self.content}, " + (f"{self.writes}% writes" if self.writes else "idle")

    def file_name(self):
        """For files."""
        return f"{self.size}-{self.content}-" + (f"{self.writes}-writes" if self.writes else "idle")

    def fits_beside_qemu(self):
        """Whether memory is enough for a rig (both programs and the space), QEMU's two machines, and the floors."""
        with open("/proc/meminfo", encoding="ascii") as text:
            total_kib = int(next(line.split()[1] for line in text if line.startswith("MemTotal")))
        return 6 * self.size * 1024 + 4 * 2**20 < total_kib

    def run(self, folder):
        """All rounds; those that warm everything up, in both directions, are not counted."""
        ours = [way for way in self.ways if way in OURS]
        apart = [] if ours and self.fits_beside_qemu() else [way for way in self.ways if way in QEMU]
        if ours:
            self.run_rig(folder, [way for way in self.ways if way not in apart])
        for number in range(self.options.rounds if apart else 0):
            self.round(apart, number, None)

    def run_rig(self, folder, ways):
        """The rounds of ours, and of the others in turn with them."""
        rig = bench_rig.Rig(self.options.home, self.size, self.content == "half-zero",
                            agent_options=["--allocate-ahead"] if self.options.allocate == "ahead" else [])
        try:
            time.sleep(self.options.settle)
            for number in range(-self.options.warm_up, 0):
                self.warm_up(number, [way for way in ways if way in OURS], rig)
            self.migrations = {way: [] for way in self.migrations}
            for number in range(self.options.rounds):
                self.round(ways, number, rig)
                self.floors.append(floors(self.options.home, folder, min(self.size, 1024)))
            if not rig.verify():
                raise RuntimeError("the partition's content is wrong")
        finally:
            rig.stop()

    def warm_up(self, number, ways, rig):
        """Every way of ours once, without a load: what the way carries is known from it."""
        for way in ways:
            self.say(f"warm-up {number + self.options.warm_up + 1}", way)
            carried = self.migrate(way, rig, 0)["page-out-gb-s"]
            self.carries[way] = max(carried, self.carries.get(way, 0))

    def round(self, ways, number, rig):
        """Every way once, in an order that turns."""
        turn = number % len(ways)
        for way in ways[turn:] + ways[:turn]:
            self.say(f"round {number + 1}", way)
            if way in OURS:
                self.found[way].append(self.migrate(way, rig, int(self.writes / 100 * self.carries[way] * 1e9 / PAGE_BYTES)))
            elif bench_qemu.installed():
                self.found[way].append(bench_qemu.migrate(self.size, QEMU[way], self.options.allocate == "ahead",
                                                          self.content == "half-zero"))

    def say(self, what, way):
        """Progress."""
        print(f"{self.name()}, {what}: {way}", file=sys.stderr, flush=True)

    def migrate(self, way, rig, writes):
        """One migration of ours, while the program writes so many pages a second."""
        rig.rate(1000, writes)
        migration = {**rig.migrate(way, OURS[way]), "asked-writes-s": writes}
        rig.rate(1000, 0)
        found = figures(migration)
        self.migrations[way].append((found["total-ms"], migration["timeline"]))
        return found

    def timelines(self):
        """Of each way of ours the timeline of the migration whose total is the median."""
        return {way: sorted(these, key=lambda one: one[0])[(len(these) - 1) // 2][1] for way, these in self.migrations.items() if these}


def facts(options, load):
    """Which machine, how long, under which load of others."""
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        model = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), "unknown")
    qemu = "not installed"
    if bench_qemu.installed():
        version = subprocess.run([bench_qemu.PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
        qemu = version.splitlines()[0] + (", KVM" if os.access("/dev/kvm", os.R_OK | os.W_OK) else ", TCG")
        qemu += ", memory in " + ("huge pages" if bench_qemu.has_huge_pages() else "pages of 4 KiB (no tmpfs of huge pages can be mounted)")
    return [f"`scripts/bench.sh {' '.join(options.command)}`, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; {model},"
            f" {os.cpu_count()} processors, Linux {platform.release()}, TCP by {bench_tcp.congestion_control() or 'what is not known'};"
            f" QEMU: {qemu}.",
            f"Load average when it began: {load[0]:.1f}; when it ended: {os.getloadavg()[0]:.1f}."]


def parse(arguments):
    """The options, lists taken apart."""
    parser = argparse.ArgumentParser(prog="bench.sh")
    parser.add_argument("home")
    parser.add_argument("--sizes", default="1024")
    parser.add_argument("--contents", default="random")
    parser.add_argument("--writes", default="0,10")
    parser.add_argument("--cases", choices=("all", "one-by-one"), default="all",
                        help="all combinations, or sizes, contents and loads each by themselves, the others at their first")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=10, help="rounds that are not counted")
    parser.add_argument("--ways", default=",".join([*OURS, *QEMU]))
    parser.add_argument("--allocate", choices=("ahead", "on-demand"), default="ahead", help="the target's memory, all ways alike")
    parser.add_argument("--settle", type=float, default=3, help="seconds to wait before the first migration")
    parser.add_argument("--tcp", metavar="NAME", help="TCP's congestion control while it runs, in place of the system's; as root")
    parser.add_argument("--out", help="the folder to write to, in place of docs")
    options = parser.parse_args(arguments)
    options.out = options.out or os.path.join(options.home, "docs")
    options.command = arguments[1:]
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.contents = options.contents.split(",")
    options.writes = [int(percent) for percent in options.writes.split(",")]
    options.ways = options.ways.split(",")
    unknown = [way for way in options.ways if way not in OURS and way not in QEMU]
    if unknown:
        parser.error(f"unknown ways: {', '.join(unknown)}")
    if options.warm_up < 1:
        parser.error("--warm-up must be at least 1: the load goes by what a way has carried in it")
    return options


def combinations(options):
    """The size, content and load of each case."""
    first = (options.sizes[0], options.contents[0], options.writes[0])
    return [(size, content, writes) for size in options.sizes for content in options.contents for writes in options.writes
            if options.cases == "all" or sum(one != other for one, other in zip((size, content, writes), first)) <= 1]


def main():
    """Everything, in a folder that goes afterwards."""
    options = parse(sys.argv[1:])
    load = os.getloadavg()
    cases = [Case(options, *which) for which in combinations(options)]
    with tempfile.TemporaryDirectory(prefix="pageferry-bench") as folder, bench_tcp.congestion(options.tcp):
        for case in cases:
            case.run(folder)
        bench_report.write(options.home, options.out, cases, facts(options, load))
    for line in (*bench_report.tables(cases), *bench_report.growth(cases)):
        print(line)


if __name__ == "__main__":
    main()
