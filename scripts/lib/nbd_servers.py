"""The NBD servers that bench-nbd.sh compares, each tuned for a file in memory and many connections."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

SIZE_BYTES = 512 << 20


def free_port():
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process on a Unix socket or on a TCP port; `program` is what must be installed."""

    name = program = export = ""
    warmup_seconds = 1

    def __init__(self, folder, transport, home):
        self.folder = os.path.join(folder, f"{type(self).__name__}-{transport}")
        os.mkdir(self.folder)
        self.home, self.unix = home, transport == "Unix"
        self.socket, self.port = os.path.join(self.folder, "nbd.sock"), free_port()
        self.file = os.path.join(self.folder, "disk")
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.await_start()

    @property
    def uri(self):
        """For fio and nbdcopy."""
        if self.unix:
            return f"nbd+unix:///{self.export}?socket={self.socket}"
        return f"nbd://127.0.0.1:{self.port}/{self.export}"

    def preallocated_file(self):
        """A file in memory, all of it allocated."""
        with open(self.file, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE_BYTES)
        return self.file

    def await_start(self):
        """Until it takes connections."""
        for _ in range(600):
            try:
                with socket.socket(socket.AF_UNIX if self.unix else socket.AF_INET) as probe:
                    probe.connect(self.socket if self.unix else ("127.0.0.1", self.port))
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not start")

    def stop(self):
        """And waits until it has ended."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pageferry(Server):
    """Ours, its pool in memory."""

    name, program, export = "Pageferry", "java", "bench"
    # Each row's code is interpreted at first, then compiled on the processors that the measurement uses.
    warmup_seconds = 3

    def command(self):
        self.control = free_port()
        return [f"{self.home}/scripts/paging-server.sh", "--pool", os.path.join(self.folder, "pool"),
                "--listen", f"127.0.0.1:{self.port}", "--unix", self.socket, "--control", f"127.0.0.1:{self.control}"]

    def await_start(self):
        """Makes the space, too."""
        super().await_start()
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.control}/v1/health")
                break
            except OSError:
                time.sleep(0.1)
        body = json.dumps({"name": self.export, "size-bytes": SIZE_BYTES}).encode()
        urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{self.control}/v1/spaces", body, {"Content-Type": "application/json"}))


class NbdkitMemory(Server):
    """nbdkit's memory plugin, the plain allocator."""

    name, program = "nbdkit memory", "nbdkit"
    plugin = ["memory", str(SIZE_BYTES), "allocator=malloc"]

    def command(self):
        where = ["-U", self.socket] if self.unix else ["-i", "127.0.0.1", "-p", str(self.port)]
        return ["nbdkit", "-f", "-t", "16", *where, *self.arguments()]

    def arguments(self):
        return self.plugin


class NbdkitFile(NbdkitMemory):
    """nbdkit's file plugin."""

    name = "nbdkit file"

    def arguments(self):
        return ["file", self.preallocated_file()]


class QemuNbd(Server):
    """qemu-nbd, a raw file."""

    name, program = "qemu-nbd", "qemu-nbd"

    def command(self):
        where = ["--socket", self.socket] if self.unix else ["--bind", "127.0.0.1", "--port", str(self.port)]
        return ["qemu-nbd", "--persistent", "--shared=16", "--cache=writeback", "--aio=threads", "--format=raw", *where,
                self.preallocated_file()]


class NbdServer(Server):
    """The NBD project's own server."""

    name, program, export = "nbd-server", "nbd-server", "disk"

    def command(self):
        config = os.path.join(self.folder, "conf")
        where = f"unixsock = {self.socket}\n" if self.unix else ""
        with open(config, "w", encoding="ascii") as text:
            text.write(f"[generic]\nallowlist = true\nlistenaddr = 127.0.0.1\nport = {self.port}\n{where}"
                       f"[disk]\nexportname = {self.preallocated_file()}\nflush = true\nfua = true\n")
        return ["nbd-server", "-C", config, "-p", os.path.join(self.folder, "pid")]

    def stop(self):
        """By its pid file: it leaves the foreground, where it would serve one client and end."""
        with open(os.path.join(self.folder, "pid"), encoding="ascii") as pid:
            os.kill(int(pid.read()), signal.SIGTERM)
        self.process.wait()


ALL = (Pageferry, NbdkitMemory, NbdkitFile, QemuNbd, NbdServer)


def installed():
    """Those that this machine has."""
    return [kind for kind in ALL if kind is Pageferry or shutil.which(kind.program)]
