package io.pageferry.nbd.client;

import io.pageferry.nbd.BlockSizes;
import io.pageferry.nbd.NbdLimits;
import io.pageferry.nbd.TransmissionFlags;
import java.util.Map;

/**
 * What a server says of an export.
 *
 * @param name the canonical name, or the one asked for
 * @param description a text for people; may be empty
 * @param sizeBytes its size
 * @param flags what it can do
 * @param blockSizes how it wants to be used
 * @param structuredReplies whether structured replies were agreed on
 * @param contexts the metadata contexts that were selected, by the number this connection knows each by
 */
public record ExportInfo(
        String name,
        String description,
        long sizeBytes,
        TransmissionFlags flags,
        BlockSizes blockSizes,
        boolean structuredReplies,
        Map<Integer, String> contexts) {
    /** Makes the contexts unmodifiable. */
    public ExportInfo {
        contexts = Map.copyOf(contexts);
    }

    /** The most data that this client puts into one READ or WRITE, in bytes: a multiple of the minimum block size. */
    public int maxPayloadBytes() {
        long most = Math.min(blockSizes.maximumPayloadBytes(), NbdLimits.DEFAULT_MAX_PAYLOAD_BYTES);
        return (int) (most - most % blockSizes.minimumBytes());
    }

    /** Whether requests may be spread over several connections. */
    public boolean multiConn() {
        return flags.has(TransmissionFlags.CAN_MULTI_CONN);
    }

    /** Whether writes are refused. */
    public boolean readOnly() {
        return flags.has(TransmissionFlags.READ_ONLY);
    }
}
