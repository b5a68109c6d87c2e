package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A program's execution state as it travels: a memfd beside a message whose {@code state-bytes} field says its length. */
public final class StateTransfer {
    /** The largest execution state, in bytes. */
    public static final int MAX_BYTES = 64 << 10;

    private static final String LENGTH = "state-bytes";

    private StateTransfer() {}

    /** Sends a message with a state; an empty one needs no descriptor. */
    public static void send(MessageChannel channel, Message message, byte[] state) {
        if (state.length > MAX_BYTES) {
            throw new ProtocolException("an execution state has at most " + MAX_BYTES + " bytes, not " + state.length);
        }
        Message sized = message.with(LENGTH, state.length);
        if (state.length == 0) {
            channel.send(sized, List.of());
            return;
        }
        try (Descriptor memory = FileCalls.memfd("pageferry-state", state.length);
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, state);
            for (long at = 0; at < state.length; ) at += FileCalls.writeAt(memory, bytes.asSlice(at), at);
            channel.send(sized, List.of(memory));
        }
    }

    /** Takes the state out of a message that carries one, and closes its descriptors. */
    public static byte[] take(MessageChannel.Received received) {
        try {
            long length = received.message().number(LENGTH, 0);
            if (length < 0 || length > MAX_BYTES) throw new ProtocolException("bad state-bytes: " + length);
            if (length == 0) return new byte[0];
            if (received.descriptors().size() != 1) throw new ProtocolException("a state comes in one descriptor");
            return read(received.descriptors().getFirst(), (int) length);
        } finally {
            received.descriptors().forEach(Descriptor::close);
        }
    }

    private static byte[] read(Descriptor memory, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(length);
            for (long at = 0; at < length; ) {
                long got = FileCalls.readAt(memory, bytes.asSlice(at), at);
                if (got == 0) throw new ProtocolException("the state's descriptor holds less than it says");
                at += got;
            }
            return bytes.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
