package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.RequestHeader;

/** One request header. Made anew only for requests that wait; a connection reads all others into the same object. */
final class Request {
    private int flags;
    private int type;
    private long cookie;
    private long offset;
    private long length;

    /** Takes over the header at the buffer's reader index, and moves it. */
    void read(ByteBuf in) {
        int at = in.readerIndex();
        flags = RequestHeader.flags(in, at);
        type = RequestHeader.type(in, at);
        cookie = RequestHeader.cookie(in, at);
        offset = RequestHeader.offset(in, at);
        length = RequestHeader.lengthBytes(in, at);
        in.skipBytes(RequestHeader.SIZE);
    }

    /** A copy that outlives the next request. */
    Request kept() {
        Request copy = new Request();
        copy.flags = flags;
        copy.type = type;
        copy.cookie = cookie;
        copy.offset = offset;
        copy.length = length;
        return copy;
    }

    int flags() {
        return flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isFua() {
        return has(CommandFlags.FUA);
    }

    int type() {
        return type;
    }

    long cookie() {
        return cookie;
    }

    long offset() {
        return offset;
    }

    /** Bytes concerned, 0 to 2^32 - 1. */
    long length() {
        return length;
    }

    /** Whether the range lies within a space; the offset is unsigned, so that a negative one is beyond any. */
    boolean isWithin(long sizeBytes) {
        return offset >= 0 && length <= sizeBytes && offset <= sizeBytes - length;
    }
}
