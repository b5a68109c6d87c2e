package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdLimits;
import io.pageferry.nbd.ReplyChunk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The payloads of chunks that carry no data (proto.md, "Structured reply types"), and what each may be an answer to. */
final class ReplyPayload {
    /** The longest payload that is not data: a block status of 2^20 extents. */
    static final int MAX_BYTES = Integer.BYTES + NbdLimits.MAX_EXTENTS_PER_CHUNK * ReplyChunk.EXTENT_SIZE;

    /** An error's message, and room for fields that the specification may add. */
    private static final int MAX_ERROR_BYTES = 2 * NbdLimits.MAX_STRING_BYTES;

    private static final int LEAST_ERROR_OFFSET_BYTES = ReplyChunk.ERROR_PAYLOAD_SIZE + Long.BYTES;

    private final Map<Integer, String> contexts;

    ReplyPayload(Map<Integer, String> contexts) {
        this.contexts = contexts;
    }

    /** Throws unless a chunk of this type and length may answer the request; nothing longer than this is ever kept. */
    static void checkLength(Request request, int type, boolean last, long bytes) throws NbdProtocolException {
        boolean allowed = switch (type) {
            case ChunkType.NONE -> bytes == 0 && last;
            case ChunkType.OFFSET_DATA ->
                request.type == CommandType.READ && bytes > Long.BYTES && bytes <= Long.BYTES + request.lengthBytes;
            case ChunkType.OFFSET_HOLE -> request.type == CommandType.READ && bytes == ReplyChunk.HOLE_PAYLOAD_SIZE;
            case ChunkType.BLOCK_STATUS ->
                request.type == CommandType.BLOCK_STATUS
                        && bytes >= Integer.BYTES + ReplyChunk.EXTENT_SIZE
                        && bytes <= MAX_BYTES
                        && bytes % ReplyChunk.EXTENT_SIZE == Integer.BYTES;
            case ChunkType.ERROR_OFFSET -> bytes >= LEAST_ERROR_OFFSET_BYTES && bytes <= MAX_ERROR_BYTES;
            default -> ChunkType.isError(type) && bytes >= ReplyChunk.ERROR_PAYLOAD_SIZE && bytes <= MAX_ERROR_BYTES;
        };
        if (!allowed) {
            throw new NbdProtocolException("a chunk of type " + type + " with " + bytes + " bytes"
                    + (last ? "" : ", not the last,") + " is no answer to " + request);
        }
    }

    /** Decodes a payload whose length was checked. */
    void decode(Request request, int type, ByteBuf in, int index, int bytes) throws NbdProtocolException {
        switch (type) {
            case ChunkType.OFFSET_HOLE -> hole(request, in.getLong(index), in.getUnsignedInt(index + Long.BYTES));
            case ChunkType.BLOCK_STATUS -> blockStatus(request, in, index, bytes);
            default -> error(request, type, in, index, bytes);
        }
    }

    private static void hole(Request request, long offset, long lengthBytes) throws NbdProtocolException {
        request.coverage.add(offset, lengthBytes);
        request.memory.asSlice(offset - request.offset, lengthBytes).fill((byte) 0);
    }

    private static void error(Request request, int type, ByteBuf in, int index, int bytes) throws NbdProtocolException {
        int fixedBytes = type == ChunkType.ERROR_OFFSET ? LEAST_ERROR_OFFSET_BYTES : ReplyChunk.ERROR_PAYLOAD_SIZE;
        int error = in.getInt(index);
        int messageBytes = in.getUnsignedShort(index + Integer.BYTES);
        if (error == 0 || messageBytes > bytes - fixedBytes) {
            throw new NbdProtocolException("an error chunk without an error, or with a message that does not fit");
        }
        int messageAt = index + ReplyChunk.ERROR_PAYLOAD_SIZE;
        request.failWith(error, in.toString(messageAt, messageBytes, StandardCharsets.UTF_8));
    }

    private void blockStatus(Request request, ByteBuf in, int index, int bytes) throws NbdProtocolException {
        String context = contexts.get(in.getInt(index));
        if (context == null || request.extents.containsKey(context)) {
            throw new NbdProtocolException(
                    "a block status of the unknown or repeated context id " + in.getInt(index) + " for " + request);
        }
        int count = (bytes - Integer.BYTES) / ReplyChunk.EXTENT_SIZE;
        List<Extent> extents = new ArrayList<>(count);
        long offset = request.offset;
        for (int i = 0; i < count; i++) {
            int at = index + Integer.BYTES + i * ReplyChunk.EXTENT_SIZE;
            long lengthBytes = in.getUnsignedInt(at);
            if (lengthBytes == 0 || offset >= request.end()) {
                throw new NbdProtocolException("an empty extent, or one beyond the range, in answer to " + request);
            }
            extents.add(new Extent(offset, lengthBytes, in.getInt(at + Integer.BYTES)));
            offset += lengthBytes;
        }
        boolean one = (request.flags & CommandFlags.REQ_ONE) != 0;
        if (one && (count != 1 || offset > request.end())) {
            throw new NbdProtocolException("more than the one extent that was asked for, in answer to " + request);
        }
        request.addExtents(context, extents);
    }

    /** Throws where a reply ends although something that it must hold is missing. */
    void checkComplete(Request request) throws NbdProtocolException {
        if (request.error != null) {
            return;
        }
        if (request.type == CommandType.READ && !request.coverage.isComplete()) {
            throw new NbdProtocolException("the reply ended before all data was sent, in answer to " + request);
        }
        if (request.type == CommandType.BLOCK_STATUS && request.extents.size() != contexts.size()) {
            throw new NbdProtocolException("the status of a context is missing, in answer to " + request);
        }
    }
}
