package io.pageferry.stream;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;

/** One TCP connection of the source. Header and pages go in one call, from where the pages are. One thread uses it. */
final class StreamLane implements AutoCloseable {
    private static final int SEND_BUFFER_BYTES = 4 << 20;

    private final SocketChannel channel;
    private final ByteBuffer header =
            ByteBuffer.allocateDirect(StreamFrames.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(1);

    private StreamLane(SocketChannel channel) {
        this.channel = channel;
    }

    static StreamLane connect(InetSocketAddress address, StreamHello hello) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(address);
            ByteBuffer greeting = hello.encoded();
            while (greeting.hasRemaining()) channel.write(greeting);
            return new StreamLane(channel);
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
    }

    void data(long offset, MemorySegment from) throws IOException {
        put(StreamFrames.DATA, offset, from.byteSize());
        ByteBuffer[] both = {header, from.asByteBuffer()};
        while (both[1].hasRemaining()) channel.write(both);
    }

    void expect(long offset, long length) throws IOException {
        put(StreamFrames.EXPECT, offset, length);
        while (header.hasRemaining()) channel.write(header);
    }

    void discard(long offset, long length) throws IOException {
        put(StreamFrames.DISCARD, offset, length);
        while (header.hasRemaining()) channel.write(header);
    }

    void requestSync() throws IOException {
        put(StreamFrames.SYNC, 0, 0);
        while (header.hasRemaining()) channel.write(header);
    }

    void awaitSync() throws IOException {
        StreamFrames.readFully(channel, answer.clear());
    }

    private void put(long type, long offset, long length) {
        header.clear().putLong(type).putLong(offset).putLong(length).flip();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new StreamException("a stream could not be closed", failure);
        }
    }
}
