package io.pageferry.stream;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * What goes over a stream behind the greeting: a header, little-endian: type (8), offset (8), length (8); behind a {@link #DATA}
 * header as many bytes. Offsets are those of a paging space: the pages, then the manifest. The answer to {@link #SYNC} is one byte.
 */
final class StreamFrames {
    static final long DATA = 1;
    /** The range holds nothing any more. */
    static final long DISCARD = 2;
    /** Asks for a byte once everything before has arrived. */
    static final long SYNC = 3;

    /** About all of the range is going to come: room can be made for it at once. */
    static final long EXPECT = 4;

    static final int HEADER_BYTES = 24;

    private StreamFrames() {}

    static void readFully(ReadableByteChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) throw new EOFException("the stream has ended");
        }
    }
}
