#!/usr/bin/python3
"""Sends what a strict NBD client would not, by libnbd with its checks off: URI SIZE_BYTES. Exits with 0 if every answer is right."""
import errno
import random
import sys

import nbd


def expect(error, action):
    """The server answers with this error, and the connection lives on."""
    try:
        action()
    except nbd.Error as refused:
        assert refused.errnum == error, f"{refused} and not {errno.errorcode[error]}"
    else:
        raise AssertionError(f"no {errno.errorcode[error]}")


def zero_lengths(h, size):
    """Of no length: the specification leaves it open, and the connection must live whatever is answered."""
    for action in (
        lambda: h.pread(0, 0), lambda: h.pwrite(b"", 0), lambda: h.trim(0, 0), lambda: h.zero(0, 0),
        lambda: h.cache(0, 0), lambda: h.pread(0, size), lambda: h.block_status(0, 0, lambda *a: 0),
    ):
        try:
            action()
        except nbd.Error as refused:
            assert refused.errnum == errno.EINVAL, refused


def beyond_the_end(h, size):
    """Past the end, across it, and so far that offset and length overflow; nothing of a write across it is done."""
    for offset, count in ((size, 1), (size - 1, 2), (size + 4096, 4096), (2**63 - 4096, 4096)):
        expect(errno.EINVAL, lambda: h.pread(count, offset))
        expect(errno.ENOSPC, lambda: h.pwrite(b"x" * count, offset))
        expect(errno.EINVAL, lambda: h.trim(count, offset))
        expect(errno.ENOSPC, lambda: h.zero(count, offset))
        expect(errno.EINVAL, lambda: h.cache(count, offset))
        expect(errno.EINVAL, lambda: h.block_status(count, offset, lambda *a: 0))
    assert h.pread(1, size - 1) == b"\0"


def unknown_flags(h):
    """Flags that do not exist, or not for this command, are EINVAL, and do nothing."""
    expect(errno.EINVAL, lambda: h.pread(512, 0, 1 << 9))
    expect(errno.EINVAL, lambda: h.pwrite(b"y" * 512, 0, 1 << 9))
    expect(errno.EINVAL, lambda: h.flush(1 << 12))
    expect(errno.EINVAL, lambda: h.trim(512, 0, nbd.CMD_FLAG_DF))
    expect(errno.EINVAL, lambda: h.zero(512, 0, 1 << 11))
    expect(errno.EINVAL, lambda: h.cache(512, 0, nbd.CMD_FLAG_NO_HOLE))
    assert h.pread(512, 0) == bytes(512)


def oversize(h):
    """One byte more than the largest payload that the server announces, and exactly so much."""
    expect(errno.EOVERFLOW, lambda: h.pread((32 << 20) + 1, 0))
    payload = random.randbytes(32 << 20)
    h.pwrite(payload, 3)
    assert h.pread(len(payload), 3) == payload
    h.zero(len(payload), 3)


def single_bytes(h, size):
    """Reads, writes, zeroes and trims of a few bytes anywhere, against a model."""
    model = bytearray(1 << 16)
    base = size - len(model)
    for _ in range(4000):
        count = random.choice((1, 1, 2, 3, 511, 4095, 4097))
        at = random.randrange(len(model) - count)
        step = random.randrange(4)
        if step == 0:
            model[at:at + count] = data = random.randbytes(count)
            h.pwrite(data, base + at, random.choice((0, nbd.CMD_FLAG_FUA)))
        elif step == 1:
            model[at:at + count] = bytes(count)
            h.zero(count, base + at, random.choice((0, nbd.CMD_FLAG_NO_HOLE, nbd.CMD_FLAG_FAST_ZERO)))
        else:
            read = h.pread(count, base + at, random.choice((0, nbd.CMD_FLAG_DF)))
            assert read == model[at:at + count], f"{count} bytes at {base + at}"
    assert h.pread(len(model), base) == model


def main(uri, size):
    """Each of the above on one connection, which must survive it all."""
    h = nbd.NBD()
    h.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
    h.connect_uri(uri)
    h.set_strict_mode(0)
    zero_lengths(h, size)
    beyond_the_end(h, size)
    unknown_flags(h)
    oversize(h)
    single_bytes(h, size)
    h.flush()
    h.shutdown()


if __name__ == "__main__":
    random.seed(int(sys.argv[3]))
    main(sys.argv[1], int(sys.argv[2]))
