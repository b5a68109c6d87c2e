package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.InfoType;
import io.pageferry.nbd.NbdLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The data that the client's options carry (proto.md, "Option types"). */
final class OptionData {
    private OptionData() {}

    /** Of INFO and GO: the name, and a wish for the block sizes, and so a promise to keep to them. */
    static ByteBuf info(String export) {
        ByteBuf data = string(Unpooled.buffer(), export);
        return data.writeShort(3)
                .writeShort(InfoType.BLOCK_SIZE)
                .writeShort(InfoType.NAME)
                .writeShort(InfoType.DESCRIPTION);
    }

    /** Of SET_META_CONTEXT and LIST_META_CONTEXT. */
    static ByteBuf contexts(String export, List<String> queries) {
        ByteBuf data = string(Unpooled.buffer(), export);
        data.writeInt(queries.size());
        queries.forEach(query -> string(data, query));
        return data;
    }

    /** Of EXPORT_NAME: the bare name. */
    static ByteBuf exportName(String export) {
        return Unpooled.copiedBuffer(export, StandardCharsets.UTF_8);
    }

    private static ByteBuf string(ByteBuf out, String text) {
        int bytes = ByteBufUtil.utf8Bytes(text);
        if (bytes > NbdLimits.MAX_STRING_BYTES) {
            throw new IllegalArgumentException("a name of " + bytes + " bytes: NBD allows no more than 4096");
        }
        out.writeInt(bytes);
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        return out;
    }
}
