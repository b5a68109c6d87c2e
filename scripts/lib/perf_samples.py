"""What perf has sampled: when, in which thread, and where."""
import re
import subprocess

# A sample's first line, "comm tid seconds.nanoseconds:", and one frame, "address symbol".
HEAD = re.compile(r"^\s*(\S.*?)\s+\d+\s+(\d+)\.(\d+):\s*$")
FRAME = re.compile(r"^\s+[0-9a-f]+\s+(.*?)\s*$")

# Whose threads they are, by their names, of which the kernel keeps 15 letters.
GROUPS = (
    (r"m-\d+", "source and target"),
    (r"nbd-client-", "agents' NBD connections"),
    (r"nbd-\d", "server's NBD connections"),
    (r"stream", "streams"),
    (r"direct-connecti", "server's direct path"),
    (r"ForkJoinPool|HTTP-Dispatcher", "control API and virtual threads"),
    (r"HttpClient|agent-|attach-|pageferry-", "agents, all else"),
    (r"C[12] Compiler|compilers-", "just-in-time compilers"),
    (r"GC|G1|VM |Monitor|Reference|Finalizer|Signal|Common-Cleaner|java$", "all else of the JVMs"),
    (r"accesses", "the program's accesses"),
    (r"swapper", "idle"),
    (r"kworker|ksoftirqd|kdamond|rcu|migration/|khugepaged|kcompactd|kswapd", "the kernel's threads"),
)


def group(thread):
    """Whose thread it is."""
    return next((whose for pattern, whose in GROUPS if re.match(pattern, thread)), "others")


def function(symbol):
    """A name without a method's package, result and arguments."""
    words = re.sub(r"\(.*", "", symbol).split()
    name = words[-1] if words and "(" in symbol else symbol
    return ".".join(name.split(".")[-2:]) if name.startswith(("io.", "java.", "jdk.", "sun.", "com.")) else name


def read(path):
    """Of each sample the time in ns by CLOCK_MONOTONIC, the thread's name, and the function that ran."""
    command = ["perf", "script", "-i", path, "-F", "comm,tid,time,ip,sym", "--no-inline", "--ns"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace") as perf:
        head, top = None, None
        for line in perf.stdout:
            begin = HEAD.match(line)
            if begin:
                if head:
                    yield (*head, top or "unknown")
                at = int(begin.group(2)) * 10**9 + int(begin.group(3).ljust(9, "0")[:9])
                head, top = (at, begin.group(1)), None
            elif top is None and (frame := FRAME.match(line)):
                top = function(frame.group(1))
        if head:
            yield (*head, top or "unknown")
    if perf.returncode:
        raise RuntimeError(f"perf could not read {path}")
