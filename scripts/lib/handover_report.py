"""Reads what bench-handover.sh left of its rounds, and prints figures and the timeline's medians."""
import csv
import json
import statistics
import sys

STEPS = [
    ("quiesce", "source", "the program is asked to come to rest"),
    ("last-pages", "source", "it rests; what was written last is looked up and sent"),
    ("manifest", "source", "the manifest is sealed and sent"),
    ("flush", "source", "all of it is made durable"),
    ("commit", "source", "the source asks for the commit"),
    ("commit-begin", "server", "the server has the question; older connections are fenced"),
    ("committed", "server", "the commit is durable"),
    ("target-owns", "target", "the target knows"),
    ("compare", "target", "it has asked what changed last, and has the manifest"),
    ("resume", "target", "what it prefetched is compared; the program is told to go on"),
    ("resumed", "target", "the program runs"),
]


# A request that waits through a hand-over waits a little shorter than that is measured: it is sent behind the last one done.
WAITED_SHARE = 0.9


def stalls(path):
    with open(path, encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["test"] != "test"]
    return max(float(row["max_latency_ms"]) for row in rows)


def round_of(work, name):
    """A round's migration, the moments of its steps, its downtime and its longest stall, both in ms."""
    with open(f"{work}/round-{name}.json", encoding="utf-8") as file:
        migration = json.load(file)
    at = {(step["step"], step["side"]): step["at-ns"] for step in migration["timeline"]}
    downtime = (at["resumed", "target"] - at["quiesce", "source"]) / 1e6
    return migration, at, downtime, stalls(f"{work}/load-{name}.csv")


def main():
    if sys.argv[2] == "--check":
        _, _, downtime, stall = round_of(sys.argv[1], sys.argv[3])
        sys.exit(0 if stall >= WAITED_SHARE * downtime else 1)
    work, rounds, memory, keys, warmup, not_counted, flags = sys.argv[1], int(sys.argv[2]), *sys.argv[3:8]
    results = [round_of(work, number) for number in range(1, rounds + 1)]
    markdown = "--markdown" in sys.argv
    command = f"scripts/bench-handover.sh --memory {memory} --rounds {rounds} --keys {keys}"
    command += f" --warmup {warmup}" if warmup != "3" else ""
    command += f' --migrate-flags "{flags}"' if flags else ""
    if markdown:
        print("# Hand-over: downtime and stalls\n")
        print("A store under two `redis-benchmark -t set,get -P 16 -c 25` through the gateway, three quarters full. Written by\n")
        print(f"```\n{command} --write\n```\n")
        print("Downtime is from the moment the program is asked to come to rest until it runs on the target. A stall is the")
        print("longest time that `redis-benchmark` waited for the answers of one pipeline, migration or not. Migrations before")
        print(f"these that are not counted: {warmup}. Rounds that are not, since no request waited through the hand-over:")
        print(f"{not_counted}.\n")
    print("| round | downtime ms | longest stall ms | missing at resume | faults | pages sent | again |")
    print("|---|---|---|---|---|---|---|")
    downtimes = []
    missing = 0
    for number, (migration, at, downtime, stall) in enumerate(results, 1):
        figures = flat(migration)
        missing += figures.get("pages-missing-at-resume", 0)
        downtimes.append(downtime)
        print(f"| {number} | {downtime:.1f} | {stall:.1f} | {figures.get('pages-missing-at-resume')} "
              f"| {figures.get('postcopy-requests', 0)} | {figures.get('normal')} | {figures.get('pages-sent-again', 0)} |")
    longest = max(stall for _, _, _, stall in results)
    print(f"\nMedian downtime (quiesce to resumed) {statistics.median(downtimes):.1f} ms; longest stall {longest:.1f} ms.\n")
    print("| step | where | median ms after quiesce | what has happened |")
    print("|---|---|---|---|")
    for step, side, meaning in STEPS:
        times = [(at[step, side] - at["quiesce", "source"]) / 1e6 for _, at, _, _ in results if (step, side) in at]
        if times:
            print(f"| {step} | {side} | {statistics.median(times):.1f} | {meaning} |")
    if markdown:
        notes(downtimes, longest, missing)


NOTHING_MISSING = """- *Nothing is missing.* By the direct path, into memory that was allocated ahead, the target is as far as the
  source. It resumes on the partition table, whose entries are made 2 MiB at a time, and no page is waited for.
"""


def notes(downtimes, longest, missing):
    """What the figures rest on, and what is left."""
    aims = ((statistics.median(downtimes), 50), (longest, 100))
    verdicts = ["met" if value <= aim else "missed" for value, aim in aims]
    spread = max(downtimes) / min(downtimes)
    print("""
## What keeps it short

- *Rehearsed code.* An agent moves a scratch partition to and fro at its start, and asks the server some hundred times how it is; a
  waiting store serves itself for some seconds. What a migration does while the program stands still it does once: the loops over all
  pages of 1 GiB took 63 ms in the interpreter and 0.6 ms compiled, and a store that had never served a client kept the first ones
  waiting for most of a second. A rehearsal is worth what it has in common with the real thing: as long as the store rehearsed on other
  memory than a partition's, with another clock, and before it attached, most of what had been compiled was taken back at the resume,
  and its compilers used 80 to 100 of the first 200 ms of processor time (`-Xlog:deoptimization`).
- *Compared ahead.* Before it switches over the source waits until the target has compared all that it holds with the manifest, and has
  caught up. What is left for after the commit is what has been fetched again since: a look at 1 GiB has become one at some pages.
- *The last question is small.* The target asks what changed when the switchover begins, and again while the source sends its last
  pages: by the direct path every 2 ms, and fetches them; over NBD every 20 ms, with nothing in flight, and where much is stale (more
  than 1 MiB) it gives these pages' frames back already, which would have to be done while the program stands still.
  A space that was used before is asked for what this migration has written (`NAME;since=SEQUENCE`), so old content is not fetched.
- *The last pages come before the program goes on*, as far as they are at most 1 MiB, since it has just used them; by the direct path at
  most 128 MiB, which kept the program less long than dropping them ([figures](benchmarks-migration.md#what-costs-and-what-was-tried)).
- *The gateway does not wait for news that the program runs.* From the commit on it sends requests to the target, which carries
  them out when it can.
NOTHING_MISSING- *Who is not needed gives way, and who is goes first.* While the program stood still, samples showed the just-in-time
  compilers of server, agents, gateway and command line at half of all processor time. For one second from the switchover on they run
  only where nothing else wants to (`SCHED_IDLE`), the source's clean-up at a low weight, and the threads that carry the hand-over, in
  the agents and in the program, at a high one (where the process has `CAP_SYS_NICE`; elsewhere nothing changes). The command line looks
  every 200 ms, not at every change; no figures are published while the program stands still.

## Where the rest goes

The aims are a median downtime of 50 ms and no stall over 100 ms: the first is VERDICT, the second VERDICT. Samples of the steps
(`perf record -a`, cut at the timeline's moments) show no step that waits for one thing only: on two processors seven processes share
what there is, and a few milliseconds of each go to threads that are woken. Of the time from the commit to the resume most is the two
answers of the server and the work of three JVMs on them; of the last step, the program's, a quarter is its own. A stall is longer than
the downtime by what the gateway had held and by the first requests on the target. The longest downtime is SPREAD times the shortest,
with what else falls into a round: a garbage collection, the end of the departed store's process, which takes its page tables down, the
kernel's own reclaim. On a day on which the memory of the same virtual machine was half as fast, two stalls of five were over the aim,
101.5 and 115.1 ms, with a median downtime of 37.7 ms.""".replace("VERDICT", "{}").format(*verdicts).replace("SPREAD", f"{spread:.1f}")
          .replace("NOTHING_MISSING", "" if missing else NOTHING_MISSING))


def flat(node):
    """All numbers of a nested object by their names."""
    found = {}
    for name, value in node.items():
        if isinstance(value, dict):
            found.update(flat(value))
        elif isinstance(value, (int, float)):
            found.setdefault(name, value)
    return found


main()
