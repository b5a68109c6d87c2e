"""TCP's congestion control while a benchmark runs."""
import contextlib
import signal

SETTING = "/proc/sys/net/ipv4/tcp_congestion_control"


def congestion_control():
    """Which one new connections get, those over loopback too; None where the system does not tell."""
    try:
        with open(SETTING, encoding="ascii") as name:
            return name.read().strip()
    except OSError:
        return None


def choose(name):
    """Has new connections get this one. Raises SystemExit where the system has no such one, or does not let us."""
    try:
        with open(SETTING, "w", encoding="ascii") as setting:
            setting.write(name)
    except OSError as refused:
        raise SystemExit(f"bench: TCP by {name} is not to be had ({refused}): as root, one of those that"
                         " 'sysctl net.ipv4.tcp_available_congestion_control' names") from refused


@contextlib.contextmanager
def congestion(name):
    """That one for all ways alike, and what was there before afterwards, also where the run is ended by SIGTERM; None leaves it alone."""
    before = congestion_control()
    if name is None or name == before:
        yield
        return
    choose(name)
    former = signal.signal(signal.SIGTERM, lambda *_: raise_exit())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
        choose(before)


def raise_exit():
    """As SIGTERM would, but by way of everything that is still to be cleaned up."""
    raise SystemExit(128 + signal.SIGTERM)
