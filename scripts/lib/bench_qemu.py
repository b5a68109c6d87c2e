"""QEMU's own migration of a paused virtual machine whose memory is full of random bytes, for bench.sh."""
import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAM = "qemu-system-x86_64"


def installed():
    """Whether this machine has it."""
    return shutil.which(PROGRAM) is not None


@functools.cache
def has_huge_pages():
    """Whether the machines' memory can be had in huge pages, as our targets have theirs: on a filesystem of our own, if it mounts."""
    with memory_folder(mount=True) as folder:
        return os.path.ismount(folder)


@contextlib.contextmanager
def memory_folder(mount):
    """A folder for files in memory, which goes afterwards; mounted for itself, of huge pages, if the kernel lets us."""
    folder = tempfile.mkdtemp(prefix="pageferry-qemu-", dir="/dev/shm")
    try:
        if mount and shutil.which("mount"):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "huge=always,size=100%,mode=700", "pageferry-bench", folder],
                           capture_output=True, check=False)
        yield folder
    finally:
        if os.path.ismount(folder):
            subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


class Machine:
    """A virtual machine that does not run, and the socket where it takes commands (QMP)."""

    def __init__(self, folder, name, memory_mib, incoming, ahead, half_zero):
        self.qmp = os.path.join(folder, f"{name}.qmp")
        self.memory = os.path.join(folder, f"{name}.ram")
        if not incoming:
            with open(self.memory, "wb") as file:
                for _ in range(memory_mib):
                    # As ours: of half-zero content every second run of 64 pages is zeroes.
                    file.write(b"".join(os.urandom(256 << 10) + bytes(256 << 10) for _ in range(2)) if half_zero else os.urandom(1 << 20))
        accelerator = "kvm" if os.access("/dev/kvm", os.R_OK | os.W_OK) else "tcg"
        # The source's pages are mapped as those of a program that has run, always; it keeps their content.
        allocate = ",prealloc=on" if ahead or not incoming else ""
        if has_huge_pages():
            allocate += ",align=2M"
        command = [PROGRAM, "-machine", f"pc,accel={accelerator},memory-backend=ram", "-m", f"{memory_mib}M", "-object",
                   f"memory-backend-file,id=ram,size={memory_mib}M,mem-path={self.memory},share=on{allocate}", "-display", "none",
                   "-nodefaults", "-S", "-qmp", f"unix:{self.qmp},server=on,wait=off"]
        self.process = subprocess.Popen(command + (["-incoming", "defer"] if incoming else []),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            self.lines = self.connect()
            self.ask("qmp_capabilities")
        except BaseException:
            self.stop()
            raise

    def connect(self):
        """The command socket, behind its greeting."""
        for _ in range(300):
            try:
                self.connection = socket.socket(socket.AF_UNIX)
                self.connection.connect(self.qmp)
                lines = self.connection.makefile("r")
                lines.readline()
                return lines
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"QEMU does not start: {self.process.stderr.read().decode()}") from None
                time.sleep(0.1)
        raise RuntimeError("QEMU does not listen")

    def ask(self, command, **arguments):
        """One command; events are passed over."""
        self.connection.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise RuntimeError(f"QEMU: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def cpu_seconds(self):
        """What it has used so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """And waits until it has ended."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


def start(machines, machine, multifd):
    """One that is stopped with the others; no limit of the rate, and a limit of the downtime as ours."""
    machines.callback(machine.stop)
    if multifd:
        machine.ask("migrate-set-capabilities", capabilities=[{"capability": "multifd", "state": True}])
        machine.ask("migrate-set-parameters", **{"multifd-channels": 2})
    machine.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40, "downtime-limit": 300})
    return machine


def migrate(memory_mib, multifd, ahead, half_zero):
    """One migration over loopback, the target's memory allocated ahead or not; the figures that ours have too."""
    with memory_folder(mount=has_huge_pages()) as folder, contextlib.ExitStack() as machines:
        source, target = (start(machines, Machine(folder, name, memory_mib, name == "target", ahead, half_zero), multifd)
                          for name in ("source", "target"))
        target.ask("migrate-incoming", uri="tcp:127.0.0.1:0")
        address = target.ask("query-migrate")["socket-address"][0]
        cpu = source.cpu_seconds() + target.cpu_seconds()
        source.ask("migrate", uri=f"tcp:127.0.0.1:{address['port']}")
        state = source.ask("query-migrate")
        # It is "completed" a moment before its figures are.
        while state["status"] not in ("completed", "failed") or not state.get("total-time", 1):
            time.sleep(0.005)
            state = source.ask("query-migrate")
        if state["status"] != "completed":
            raise RuntimeError(f"QEMU: {state.get('error-desc', 'the migration failed')}")
        return {"total-ms": state["total-time"], "downtime-ms": state["downtime"], "sent-mib": state["ram"]["transferred"] / 2**20,
                "cpu-s": source.cpu_seconds() + target.cpu_seconds() - cpu}
