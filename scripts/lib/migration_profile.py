"""bench-profile.sh: where the time of a migration goes, by samples of the whole machine."""
import argparse
import bisect
import collections
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import bench_rig
import bench_tcp
import migration_bench
import perf_samples

SAMPLES_A_SECOND = 1999
LEAST_MS = 0.5
FUNCTIONS = 25


def parse(arguments):
    """The options."""
    parser = argparse.ArgumentParser(prog="bench-profile.sh")
    parser.add_argument("home")
    parser.add_argument("--way", choices=migration_bench.OURS, default="direct")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--content", choices=("random", "half-zero"), default="random")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--warm-up", type=int, default=25, help="rounds that are not sampled")
    parser.add_argument("--tcp", metavar="NAME", help="TCP's congestion control while it runs; as root")
    parser.add_argument("--keep", metavar="FOLDER", help="where to leave perf.data and the migrations as JSON")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def record(options, folder):
    """Migrations, warm, while perf samples; their JSON."""
    migrations = []
    rig = bench_rig.Rig(options.home, options.size, options.content == "half-zero", agent_options=["--allocate-ahead"])
    try:
        rig.rate(1000, 0)
        time.sleep(2)
        for _ in range(options.warm_up):
            rig.migrate(options.way, migration_bench.OURS[options.way])
        with Recording(os.path.join(folder, "perf.data")):
            for _ in range(options.rounds):
                migrations.append(rig.migrate(options.way, migration_bench.OURS[options.way]))
        if not rig.verify():
            raise RuntimeError("the partition's content is wrong")
    finally:
        rig.stop()
    return migrations


class Recording:
    """perf, while a block runs."""

    def __init__(self, path):
        self.command = ["perf", "record", "-a", "-k", "mono", "-F", str(SAMPLES_A_SECOND), "-g", "-o", path]

    def __enter__(self):
        self.perf = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        if self.perf.poll() is not None:
            raise SystemExit(f"bench-profile: perf does not sample here: {self.perf.stderr.read().strip()}")

    def __exit__(self, *_):
        self.perf.send_signal(signal.SIGINT)
        self.perf.communicate()


class Window:
    """One migration in time: its steps, by either side, in order."""

    def __init__(self, migration):
        self.marks = sorted((mark["at-ns"], f"{mark['side']} {mark['step']}") for mark in migration["timeline"])
        self.begin, self.end = self.marks[0][0], self.marks[-1][0]

    def step_at(self, at):
        """The step that was the last to begin by then."""
        return self.marks[bisect.bisect(self.marks, (at, "~")) - 1][1]

    def steps(self):
        """Of each step how long it was until the next one, of either side."""
        for (begin, name), (end, _) in zip(self.marks, self.marks[1:]):
            yield name, (end - begin) / 1e6


class Profile:
    """Samples within the migrations, counted; all figures in ms a migration."""

    def __init__(self, migrations, samples, clock_offset):
        self.windows = sorted((Window(one) for one in migrations), key=lambda window: window.begin)
        self.by_step, self.by_group = collections.Counter(), collections.Counter()
        self.by_step_and_group, self.by_function = collections.Counter(), collections.Counter()
        begins = [window.begin for window in self.windows]
        for at, thread, function in samples:
            number = bisect.bisect(begins, at + clock_offset) - 1
            if number >= 0 and at + clock_offset < self.windows[number].end:
                self.count(self.windows[number].step_at(at + clock_offset), perf_samples.group(thread), function)

    def count(self, step, group, function):
        """One sample."""
        self.by_step[step] += 1
        self.by_group[group] += 1
        self.by_step_and_group[step, group] += 1
        self.by_function[group, function] += 1

    def ms(self, samples):
        """As processor time of one migration."""
        return samples * 1000 / SAMPLES_A_SECOND / len(self.windows)

    def step_times(self):
        """Of each step the median of how long it took, in the order of the migration."""
        found = {}
        for window in self.windows:
            for name, taken in window.steps():
                found.setdefault(name, []).append(taken)
        return {name: statistics.median(times) for name, times in found.items()}

    def tell(self):
        """The tables' lines."""
        yield "| step | ms until the next step | processor time, ms | of that |"
        yield "|---|---|---|---|"
        for step, taken in self.step_times().items():
            shares = [f"{group} {self.ms(count):.1f}" for (where, group), count in self.by_step_and_group.most_common()
                      if where == step and self.ms(count) >= LEAST_MS]
            yield f"| {step} | {taken:.1f} | {self.ms(self.by_step[step]):.1f} | {', '.join(shares)} |"
        yield ""
        yield "| threads | processor time, ms |"
        yield "|---|---|"
        for group, count in self.by_group.most_common():
            yield f"| {group} | {self.ms(count):.1f} |"
        yield ""
        yield "| function | threads | processor time, ms |"
        yield "|---|---|---|"
        for (group, function), count in self.by_function.most_common(FUNCTIONS):
            yield f"| `{function}` | {group} | {self.ms(count):.1f} |"


def main():
    """Record, read, tell."""
    options = parse(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="pageferry-profile") as folder, bench_tcp.congestion(options.tcp):
        migrations = record(options, folder)
        # The timeline is by the wall clock, perf's samples by the monotonic one.
        offset = time.time_ns() - time.monotonic_ns()
        profile = Profile(migrations, perf_samples.read(os.path.join(folder, "perf.data")), offset)
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            shutil.copy(os.path.join(folder, "perf.data"), options.keep)
            with open(os.path.join(options.keep, "migrations.json"), "w", encoding="utf-8") as file:
                json.dump(migrations, file)
    totals = [one["total-time-ms"] for one in migrations]
    evictions = [one["source-progress"]["eviction-time-ms"] for one in migrations]
    print(f"{options.way}, {options.size} MiB, {options.content}: {len(migrations)} migrations, total {statistics.median(totals):.0f} ms,"
          f" eviction {statistics.median(evictions):.0f} ms (medians); a migration's share of the samples:")
    print()
    print("\n".join(profile.tell()))


if __name__ == "__main__":
    main()
