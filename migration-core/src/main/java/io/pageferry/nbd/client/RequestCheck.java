package io.pageferry.nbd.client;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.TransmissionFlags;
import java.lang.foreign.MemorySegment;

/** Refuses what a client must not send (proto.md, "Size constraints", "Command flags"), before it is sent. */
final class RequestCheck {
    /** Stands for "any other thread" in the question whether memory may be used by one. */
    private static final Thread SOMEBODY_ELSE = Thread.ofPlatform().unstarted(() -> {});

    private final ExportInfo info;

    RequestCheck(ExportInfo info) {
        this.info = info;
    }

    void memory(long offset, MemorySegment memory) {
        if (!memory.isNative() || !memory.isAccessibleBy(SOMEBODY_ELSE)) {
            throw new IllegalArgumentException("the memory of a request must be native, and not confined to a thread");
        }
        range(offset, memory.byteSize(), info.maxPayloadBytes());
    }

    void range(long offset, long lengthBytes, long maxBytes) {
        long unit = info.blockSizes().minimumBytes();
        if (lengthBytes <= 0 || lengthBytes > maxBytes) {
            throw new IllegalArgumentException(lengthBytes + " bytes: a request has 1 to " + maxBytes);
        }
        if (offset < 0 || offset > info.sizeBytes() - lengthBytes) {
            throw new IllegalArgumentException(lengthBytes + " bytes at " + offset + " are not within the export's "
                    + info.sizeBytes() + " bytes");
        }
        if (offset % unit != 0 || lengthBytes % unit != 0) {
            throw new IllegalArgumentException(
                    lengthBytes + " bytes at " + offset + " are not multiples of the server's " + unit + " bytes");
        }
    }

    void flags(int type, int flags) {
        if ((flags & ~CommandFlags.validFor(type)) != 0) {
            throw new IllegalArgumentException(
                    "flags 0x" + Integer.toHexString(flags) + " are not for " + CommandType.nameOf(type));
        }
        if ((flags & CommandFlags.FUA) != 0) {
            offered(TransmissionFlags.SEND_FUA, type);
        }
        if ((flags & CommandFlags.FAST_ZERO) != 0) {
            offered(TransmissionFlags.SEND_FAST_ZERO, type);
        }
    }

    void offered(int flag, int type) {
        if (!info.flags().has(flag)) {
            throw new UnsupportedOperationException(CommandType.nameOf(type) + " needs " + new TransmissionFlags(flag)
                    + ", but the server offers " + info.flags());
        }
    }
}
