"""A paging server, two agents, a store that moves between them, a gateway and a skewed load, for benchmarks."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time

HOME = os.environ["PAGEFERRY_HOME"]


class Process:
    """A child whose output goes to a file."""

    def __init__(self, work, name, command, env, talks=False):
        self.name = name
        self.path = os.path.join(work, name + ".log")
        with open(self.path, "wb") as log:
            stdin = subprocess.PIPE if talks else subprocess.DEVNULL
            self.child = subprocess.Popen(command, stdin=stdin, stdout=log, stderr=subprocess.STDOUT, env=env)

    def said(self):
        with open(self.path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, pattern, seconds=180):
        end = time.time() + seconds
        while time.time() < end:
            found = re.search(pattern, self.said())
            if found:
                return found
            if self.child.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not say {pattern!r}:\n{self.said()[-2000:]}")

    def ask(self, line, seconds=120):
        before = self.said().count("\n")
        self.child.stdin.write((line + "\n").encode())
        self.child.stdin.flush()
        end = time.time() + seconds
        while time.time() < end:
            lines = self.said().split("\n")
            if len(lines) - 1 > before:
                return lines[-2]
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not answer {line!r}")

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Ferry:
    """All processes of one set-up; a context manager that leaves nothing running."""

    def __init__(self, memory, keys, value_bytes, agent_options=(), server_options=(), direct=False):
        self.memory, self.keys, self.value_bytes = memory, keys, value_bytes
        self.agent_options = list(agent_options)
        self.server_options = list(server_options)
        self.work = tempfile.mkdtemp(prefix="pageferry-bench.")
        if direct:
            self.server_options += ["--direct", self.work + "/direct.sock"]
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.pool = tempfile.mkdtemp(prefix="pageferry-bench.", dir=shm)
        self.env = dict(os.environ)
        self.processes = []
        self.stores = 0
        self.at = "a"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.pool, ignore_errors=True)

    def script(self, name):
        return os.path.join(HOME, "scripts", name)

    def run(self, name, command, talks=False):
        process = Process(self.work, name, command, self.env, talks)
        self.processes.append(process)
        return process

    def start(self):
        server = self.run(
            "server",
            [self.script("paging-server.sh"), "--pool", self.pool, "--listen", "127.0.0.1:0",
             "--unix", self.work + "/nbd.sock", *self.server_options, "--control", "127.0.0.1:0"])
        self.env["PAGEFERRY_SERVER"] = server.wait_for(r"control API on (http\S+)").group(1)
        for agent in "ab":
            self.run("agent-" + agent,
                     [self.script("partition-agent.sh"), "--name", agent, "--socket", f"{self.work}/{agent}.sock",
                      *self.agent_options]).wait_for("serves")
        self.store = self.start_store("a")
        gateway = self.run("gateway", [self.script("gateway.sh"), "--partition", "store", "--listen", "127.0.0.1:0"])
        port = gateway.wait_for(r"listens.*:(\d+)").group(1)
        self.load = self.run(
            "load",
            [self.script("lib/skewed-load.sh"), "--port", port, "--keys", str(self.keys),
             "--value-bytes", str(self.value_bytes)], talks=True)
        self.load.wait_for("loaded")

    def start_store(self, agent, *flags):
        self.stores += 1
        store = self.run(
            f"store-{self.stores}",
            [self.script("kv.sh"), "--agent", f"{self.work}/{agent}.sock", "--partition", "store",
             "--memory", self.memory, "--listen", "127.0.0.1:0", *flags])
        store.wait_for("listening")
        return store

    def pageferry(self, *arguments):
        done = subprocess.run([self.script("pageferry.sh"), *arguments], env=self.env, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"pageferry {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def prepare(self):
        """Starts the twin that the next migration needs."""
        self.twin = self.start_store("b" if self.at == "a" else "a", "--incoming")

    def migrate(self, *options):
        """Moves the store to the other agent, where `prepare` has started its twin."""
        target = "b" if self.at == "a" else "a"
        figures = json.loads(self.pageferry("migrate", "store", "--to", target, "--json", *options))
        # The migration is over once the target has everything; what the source has to tell may come a moment later.
        for _ in range(20):
            if any(step["step"] == "evicted" for step in figures["timeline"]):
                break
            time.sleep(0.2)
            figures = json.loads(self.pageferry("status", figures["id"], "--json"))
        figures.update(figures.pop("ram", {}))
        self.store.stop()
        self.processes.remove(self.store)
        self.store, self.at = self.twin, target
        return figures
