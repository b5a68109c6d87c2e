package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.BlockSizes;
import io.pageferry.nbd.InfoType;
import io.pageferry.nbd.TransmissionFlags;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Gathers the INFO replies to INFO and GO (proto.md, {@code NBD_REP_INFO}), in whatever order they come. */
final class ExportInfoReader {
    private String name;
    private String description = "";
    private long sizeBytes = -1;
    private int flags;
    private BlockSizes blockSizes = BlockSizes.UNANNOUNCED;

    ExportInfoReader(String name) {
        this.name = name;
    }

    void accept(ByteBuf data) throws NbdProtocolException {
        if (data.readableBytes() < Short.BYTES) {
            throw new NbdProtocolException("an NBD_REP_INFO without a type");
        }
        int bytes = data.readableBytes();
        switch (data.readUnsignedShort()) {
            case InfoType.EXPORT -> {
                expect("NBD_INFO_EXPORT", InfoType.EXPORT_BYTES, bytes);
                export(data.readLong(), data.readUnsignedShort());
            }
            case InfoType.BLOCK_SIZE -> {
                expect("NBD_INFO_BLOCK_SIZE", InfoType.BLOCK_SIZE_BYTES, bytes);
                blockSizes(new BlockSizes(data.readUnsignedInt(), data.readUnsignedInt(), data.readUnsignedInt()));
            }
            case InfoType.NAME -> name = data.toString(StandardCharsets.UTF_8);
            case InfoType.DESCRIPTION -> description = data.toString(StandardCharsets.UTF_8);
            default -> {} // the specification asks to ignore what is not known
        }
    }

    void export(long announcedBytes, int transmissionFlags) throws NbdProtocolException {
        if (announcedBytes < 0) {
            throw new NbdProtocolException(
                    "the export's size, " + Long.toUnsignedString(announcedBytes) + " bytes, is beyond 2^63 - 1");
        }
        sizeBytes = announcedBytes;
        flags = transmissionFlags;
    }

    private void blockSizes(BlockSizes sizes) throws NbdProtocolException {
        if (!sizes.isValid()) {
            throw new NbdProtocolException("the server announced block sizes that NBD does not allow: " + sizes);
        }
        blockSizes = sizes;
    }

    private static void expect(String type, int expectedBytes, int bytes) throws NbdProtocolException {
        if (bytes != expectedBytes) {
            throw new NbdProtocolException(type + " of " + bytes + " bytes instead of " + expectedBytes);
        }
    }

    ExportInfo finish(boolean structuredReplies, Map<Integer, String> contexts) throws NbdProtocolException {
        if (sizeBytes < 0) {
            throw new NbdProtocolException("the server accepted the export without an NBD_INFO_EXPORT");
        }
        return new ExportInfo(
                name, description, sizeBytes, new TransmissionFlags(flags), blockSizes, structuredReplies, contexts);
    }
}
