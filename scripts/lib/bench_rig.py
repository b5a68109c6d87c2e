"""A paging server, two agents and a partition that moves between them, for bench.sh."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

START_TIMEOUT_S = 60
TICKS = os.sysconf("SC_CLK_TCK")

# The figures by which each way's both sides say how its pages went.
MEANT = {
    "direct": {"direct-path": 1},
    "direct-fresh": {"direct-path": 1},
    "nbd-unix": {"direct-path": 0, "nbd-unix": 1},
    "nbd-tcp": {"direct-path": 0, "nbd-unix": 0},
    "network-1": {"streams": 1},
    "network-2": {"streams": 2},
}
TRANSPORT = ("direct-path", "nbd-unix", "streams")


def prove_transport(way, migration):
    """Raises unless both sides say that all pages went the way that was meant."""
    for side in ("source-progress", "target-progress"):
        found = migration[side]
        if found.get("path-fallbacks", 0):
            raise RuntimeError(f"{way}: the direct path broke on the way, and NBD went on ({side}): {found}")
        said = {name: found[name] for name in TRANSPORT if name in found}
        if said != MEANT[way]:
            raise RuntimeError(f"{way}: the pages went another way ({side}): {said}, not {MEANT[way]}")


def percentile(buckets, percent):
    """Of [value, count] pairs: the least value that so many percent of all are not above; None without any."""
    buckets = sorted(buckets)
    left = sum(count for _, count in buckets) * percent / 100
    for value, count in buckets:
        left -= count
        if left <= 0:
            return value
    return None


def free_port():
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A process of the rig: its output is kept in a file, its input stays open."""

    def __init__(self, folder, name, command):
        self.name, self.path = name, os.path.join(folder, f"{name}.log")
        with open(self.path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.read = 0

    def said(self):
        """All that it has printed."""
        with open(self.path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def await_line(self, text, after=0, timeout=START_TIMEOUT_S):
        """The first line behind position `after` with that text in it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            # What has no end yet is still being written.
            for line in self.said()[after:].splitlines(keepends=True):
                if text in line and line.endswith("\n"):
                    return line.rstrip("\n")
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended: {self.said()[-2000:]}")
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} did not say '{text}': {self.said()[-2000:]}")

    def ask(self, line, answer):
        """Sends a line and waits for one that begins with `answer`."""
        after = len(self.said())
        self.tell(line)
        return self.await_line(answer, after)

    def tell(self, line):
        """Sends a line."""
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def cpu_seconds(self):
        """What it has used so far, its threads together."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        """And waits until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Rig:
    """Everything of ours that a migration needs, as processes, with the pool in memory."""

    def __init__(self, home, memory_mib, half_zero=False, agent_options=()):
        self.home, self.memory_mib = home, memory_mib
        self.folder = tempfile.mkdtemp(prefix="pageferry-bench-", dir="/dev/shm")
        self.processes = []
        self.agent_options, self.allocated = list(agent_options), {"a": 0, "b": 0}
        self.on, self.other = "a", "b"
        self.settled = False
        try:
            self.start(half_zero, list(agent_options))
        except BaseException:
            self.stop()
            raise

    def start(self, half_zero, agent_options):
        """Servers first, then the program on A, and the one that waits on B."""
        script = os.path.join(self.home, "scripts")
        self.control = f"127.0.0.1:{free_port()}"
        os.environ["PAGEFERRY_SERVER"] = f"http://{self.control}"
        server = self.launch("server", [f"{script}/paging-server.sh", "--pool", f"{self.folder}/pool",
                                        "--listen", "127.0.0.1:0", "--unix", f"{self.folder}/nbd.sock",
                                        "--direct", f"{self.folder}/direct.sock", "--control", self.control])
        server.await_line("control API on")
        for name in ("a", "b"):
            self.launch(f"agent-{name}", [f"{script}/partition-agent.sh", "--name", name, "--socket",
                                          f"{self.folder}/{name}.sock", *agent_options])
        self.programs = {}
        for name in ("a", "b"):
            self.find(f"agent-{name}").await_line("serves")
            extra = (["--half-zero"] if half_zero else []) + (["--incoming"] if name == "b" else [])
            self.programs[name] = self.launch(
                f"program-{name}", [f"{script}/lib/pages.sh", "--agent", f"{self.folder}/{name}.sock", "--partition",
                                    "bench", "--memory-mib", str(self.memory_mib), *extra])
            self.programs[name].await_line("attached")
        self.programs["a"].await_line("running")

    def launch(self, name, command):
        """Starts a process that the rig ends."""
        process = Process(self.folder, name, command)
        self.processes.append(process)
        return process

    def find(self, name):
        """A process by its name."""
        return next(process for process in self.processes if process.name == name)

    def api(self, path, body=None, timeout=120):
        """A request to the control API; its answer as JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.control}{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{path}: {refused.read().decode()}") from refused

    def rate(self, reads, writes):
        """How many pages the program reads and writes a second, wherever it runs."""
        for program in self.programs.values():
            program.tell(f"rate {reads} {writes}")

    def cpu_seconds(self):
        """Of all processes together."""
        return sum(process.cpu_seconds() for process in self.processes)

    def choose_transport(self, way):
        """Agents take the server's Unix socket where they find it, and TCP where they do not."""
        socket_path = f"{self.folder}/nbd.sock"
        away = socket_path + ".away"
        if way == "nbd-tcp" and os.path.exists(socket_path):
            os.rename(socket_path, away)
        elif way != "nbd-tcp" and os.path.exists(away):
            os.rename(away, socket_path)

    def migrate(self, way, options):
        """One migration to the other agent; the migration's JSON at its end, with what the rig saw beside it."""
        self.choose_transport(way)
        self.settle()
        self.report()
        cpu = self.cpu_seconds()
        began = time.monotonic()
        migration = self.api("/v1/migrations", {"kind": "migrate", "partition": "bench", "to": self.other, "options": options})
        migration = self.follow(migration)
        if migration["status"] != "completed":
            raise RuntimeError(f"the migration ended as {migration['status']}: {migration.get('error')}")
        self.on, self.other = self.other, self.on
        self.settled = False
        migration = self.await_evicted(migration)
        migration["cpu-seconds"] = self.cpu_seconds() - cpu
        migration["client"] = self.report()
        migration["client"]["seconds"] = time.monotonic() - began
        prove_transport(way, migration)
        return migration

    def report(self):
        """What both programs have seen since they were last asked, as one; each answers once it has done all that was due."""
        reports = [json.loads(self.programs[side].ask("report", "report ").split(" ", 1)[1]) for side in (self.other, self.on)]
        if any(one["wrong"] for one in reports):
            raise RuntimeError(f"the program has read what it had not written: {[one['wrong'] for one in reports]} wrong reads")
        together = {name: sum(one[name] for one in reports) for name in ("accesses", "writes")}
        together["p99-us"] = (percentile([bucket for one in reports for bucket in one["buckets"]], 99) or 0) / 1e3
        together["max-us"] = max(one["max-us"] for one in reports)
        return together

    def follow(self, migration):
        """Until it is over; asks seldom, since each answer takes processor time from the migration."""
        while migration["status"] not in ("completed", "failed", "cancelled"):
            time.sleep(0.1)
            migration = self.api(f"/v1/migrations/{migration['id']}")
        return migration

    def await_evicted(self, migration):
        """Until the source has said what it has to say."""
        for _ in range(500):
            if "eviction-time-ms" in migration["source-progress"]:
                return migration
            time.sleep(0.01)
            migration = {**migration, **self.api(f"/v1/migrations/{migration['id']}")}
        raise RuntimeError("the source did not say that it holds nothing")

    def settle(self):
        """Until nothing of the last migration is left to be done, and the next may begin."""
        if not self.settled:
            self.await_incoming()
            self.await_allocated()
            self.settled = True

    def await_incoming(self):
        """Until a program waits on the other agent."""
        for _ in range(1000):
            agents = self.api("/v1/agents")["agents"]
            states = {(agent["name"], one["name"]): one["state"] for agent in agents for one in agent["partitions"]}
            if states.get((self.other, "bench")) == "incoming" and states.get((self.on, "bench")) == "running":
                return
            time.sleep(0.02)
        raise RuntimeError(f"no program waits on {self.other}")

    def await_allocated(self):
        """Until the memory of the program that waits is allocated, where the agents do that ahead."""
        if "--allocate-ahead" in self.agent_options:
            text = "allocated ahead"
            agent = self.find(f"agent-{self.other}")
            agent.await_line(text, self.allocated[self.other])
            self.allocated[self.other] = agent.said().rindex(text) + len(text)

    def verify(self):
        """Whether the partition's content is right where it runs now."""
        return self.programs[self.on].ask("verify", "verify").endswith("right")

    def stop(self):
        """Ends all processes and removes what they left."""
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
