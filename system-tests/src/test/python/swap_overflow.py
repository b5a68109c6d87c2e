#!/usr/bin/python3
"""Fills more memory than its control group may have, so that it overflows into swap, and checks it: MIB. Prints what was swapped.

With `--page-out` it asks the kernel to page its memory out instead, for machines whose control groups limit no memory."""
import mmap
import random
import sys

MADV_PAGEOUT = 21


def swapped_kib():
    """How much of this process is in swap (proc_pid_status(5))."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmSwap:"))


def main(mebibytes, page_out):
    """Writes every page, twice, and reads every page."""
    size = mebibytes << 20
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for salt in (1, 2):
        most = 0
        for at in range(0, size, 1 << 20):
            memory[at:at + (1 << 20)] = random.Random(at + salt).randbytes(1 << 20)
            most = max(most, swapped_kib())
        if page_out:
            memory.madvise(MADV_PAGEOUT)
            most = max(most, swapped_kib())
        for at in range(0, size, 1 << 20):
            assert memory[at:at + (1 << 20)] == random.Random(at + salt).randbytes(1 << 20), f"wrong content at {at}"
    print("swapped-kib", most)


if __name__ == "__main__":
    main(int(sys.argv[1]), "--page-out" in sys.argv)
