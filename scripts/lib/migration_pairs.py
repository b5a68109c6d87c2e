"""bench-pairs.sh: two states of the code, side by side, by migrations in turn."""
import argparse
import statistics
import sys
import time

import bench_rig
import migration_bench

COMPARED = ("total-ms", "eviction-ms", "downtime-ms", "cpu-s")


def parse(arguments):
    """The options."""
    parser = argparse.ArgumentParser(prog="bench-pairs.sh")
    parser.add_argument("homes", nargs=2)
    parser.add_argument("--ways", default="direct")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--content", choices=("random", "half-zero"), default="random")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=10, help="rounds that are not counted")
    options = parser.parse_args(arguments)
    options.ways = options.ways.split(",")
    unknown = [way for way in options.ways if way not in migration_bench.OURS]
    if unknown:
        parser.error(f"unknown ways: {', '.join(unknown)}; there are {', '.join(migration_bench.OURS)}")
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


class Side:
    """One state of the code: its processes, and what was found of each way."""

    def __init__(self, home, options):
        self.rig = bench_rig.Rig(home, options.size, options.content == "half-zero", agent_options=["--allocate-ahead"])
        self.found = {way: [] for way in options.ways}
        self.steps = {way: {} for way in options.ways}

    def migrate(self, way, counts):
        """One migration, with all that it leaves to be done: that would be the other side's burden."""
        self.rig.rate(1000, 0)
        migration = {**self.rig.migrate(way, migration_bench.OURS[way]), "asked-writes-s": 0}
        self.rig.settle()
        if counts:
            self.found[way].append(migration_bench.figures(migration))
            self.note(way, migration["timeline"])

    def note(self, way, timeline):
        """How long it took each side of the migration from its last step to this one."""
        last = {}
        for mark in timeline:
            before = last.get(mark["side"], timeline[0]["at-ns"])
            self.steps[way].setdefault((mark["side"], mark["step"]), []).append((mark["at-ns"] - before) / 1e6)
            last[mark["side"]] = mark["at-ns"]

    def values(self, way, name):
        """Of every migration that counts."""
        return [one[name] for one in self.found[way]]


def ratios(other, this):
    """Median and quartiles of the pairs' ratios."""
    pairs = sorted(after / before for before, after in zip(other, this))
    return statistics.median(pairs), pairs[len(pairs) // 4], pairs[3 * len(pairs) // 4]


def tell(way, other, this):
    """The lines of one way."""
    yield f"{way}, {len(this.found[way])} pairs; the other checkout, this one, this one to the other (quartiles of the pairs):"
    for name in COMPARED:
        before, after = other.values(way, name), this.values(way, name)
        median, low, high = ratios(before, after)
        yield (f"  {name:12} {statistics.median(before):9.4g} {statistics.median(after):9.4g}"
               f"   {median:.2f} ({low:.2f} to {high:.2f})")
    yield "  ms up to each step since the one before (medians):"
    for side, step in other.steps[way]:
        after = this.steps[way].get((side, step))
        before = statistics.median(other.steps[way][side, step])
        yield f"    {side + ' ' + step:24} {before:9.1f} " + (f"{statistics.median(after):9.1f}" if after else "        -")


def main():
    """Both sides up, warm, in turn, and down again."""
    options = parse(sys.argv[1:])
    sides = []
    try:
        for home in options.homes:
            sides.append(Side(home, options))
        time.sleep(2)
        for side in sides:
            side.rig.settle()
        for number in range(-options.warm_up, options.rounds):
            for way in options.ways:
                for side in sides if number % 2 else reversed(sides):
                    side.migrate(way, number >= 0)
        if not all(side.rig.verify() for side in sides):
            raise RuntimeError("the partition's content is wrong")
    finally:
        for side in sides:
            side.rig.stop()
    for way in options.ways:
        for line in tell(way, *sides):
            print(line)


if __name__ == "__main__":
    main()
