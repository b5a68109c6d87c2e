"""What the paging server holds in memory beyond the mapping of its spaces, in bench-nbd.sh."""
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import time

import nbd_servers

IDLE_CONNECTIONS = 1000
OPTION_MAGIC = b"IHAVEOPT"


def beyond_mapping_mib(pid):
    """The process's resident memory without the pages of space files (proc_pid_smaps(5)); they are the page cache's."""
    total, counts = 0, True
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as smaps:
        for line in smaps:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                counts = not line.rstrip().endswith(".space")
            elif counts and line.startswith("Rss:"):
                total += int(line.split()[1])
    return total / 1024


def connect(path, export):
    """A connection that has opened an export by EXPORT_NAME, and says no more."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(path)
    connection.recv(18, socket.MSG_WAITALL)
    name = export.encode()
    connection.sendall(struct.pack(">I", 3) + OPTION_MAGIC + struct.pack(">II", 1, len(name)) + name)
    connection.recv(10, socket.MSG_WAITALL)
    return connection


def busiest(server, block):
    """The most that it holds while 16 connections have 64 requests each in flight."""
    fio = subprocess.Popen(
        ["fio", "--name=memory", "--ioengine=nbd", f"--uri={server.uri}", "--rw=randrw", f"--bs={block}", "--iodepth=64",
         "--numjobs=16", f"--size={nbd_servers.SIZE_BYTES}", "--time_based", "--runtime=5", "--norandommap"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    most = 0
    while fio.poll() is None:
        most = max(most, beyond_mapping_mib(server.process.pid))
        time.sleep(0.2)
    if fio.returncode != 0:
        raise RuntimeError("fio failed")
    return most


def measure(folder, home):
    """MiB in each situation, on a server of its own."""
    server = nbd_servers.Pageferry(folder, "Unix", home)
    try:
        found = {"started, one space": beyond_mapping_mib(server.process.pid)}
        idle = [connect(server.socket, server.export) for _ in range(IDLE_CONNECTIONS)]
        time.sleep(2)
        found[f"{IDLE_CONNECTIONS} idle connections"] = beyond_mapping_mib(server.process.pid)
        for connection in idle:
            connection.close()
        for block in ("4k", "128k"):
            found[f"16 connections, depth 64, {block} random read and write"] = busiest(server, block)
        return found
    finally:
        server.stop()
        shutil.rmtree(server.folder)


def table(found):
    """A row a situation."""
    yield "| situation | resident beyond the mapping, MiB |"
    yield "|---|---|"
    for situation, mebibytes in found.items():
        yield f"| {situation} | {mebibytes:.0f} |"
