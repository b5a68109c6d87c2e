package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.NbdLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads what options carry; whatever does not add up is a {@link MalformedException}. */
final class OptionData {
    /** Data that breaks the specification; the message is for the client. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /** The data of INFO and GO. */
    record InfoRequest(String exportName, Set<Integer> infoTypes) {}

    /** The data of LIST_META_CONTEXT and SET_META_CONTEXT. */
    record ContextQueries(String exportName, List<String> queries) {}

    private OptionData() {}

    static InfoRequest infoRequest(ByteBuf data) {
        String exportName = string(data);
        need(data, Short.BYTES);
        int count = data.readUnsignedShort();
        need(data, count * Short.BYTES);
        Set<Integer> types = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            types.add(data.readUnsignedShort());
        }
        end(data);
        return new InfoRequest(exportName, types);
    }

    static ContextQueries contextQueries(ByteBuf data) {
        String exportName = string(data);
        need(data, Integer.BYTES);
        long count = data.readUnsignedInt();
        List<String> queries = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            queries.add(string(data));
        }
        end(data);
        return new ContextQueries(exportName, queries);
    }

    static String wholeString(ByteBuf data) {
        return text(data, data.readableBytes());
    }

    static void end(ByteBuf data) {
        if (data.isReadable()) {
            throw new MalformedException(data.readableBytes() + " bytes of data too many");
        }
    }

    private static String string(ByteBuf data) {
        need(data, Integer.BYTES);
        long bytes = data.readUnsignedInt();
        if (bytes > data.readableBytes()) {
            throw new MalformedException("a string of " + bytes + " bytes is longer than the option's data");
        }
        return text(data, (int) bytes);
    }

    private static String text(ByteBuf data, int bytes) {
        if (bytes > NbdLimits.MAX_STRING_BYTES) {
            throw new MalformedException("a string is longer than " + NbdLimits.MAX_STRING_BYTES + " bytes");
        }
        return data.readCharSequence(bytes, StandardCharsets.UTF_8).toString();
    }

    private static void need(ByteBuf data, int bytes) {
        if (data.readableBytes() < bytes) {
            throw new MalformedException("the option's data is too short");
        }
    }
}
