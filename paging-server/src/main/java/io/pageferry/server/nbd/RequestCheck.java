package io.pageferry.server.nbd;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.NbdLimits;
import org.jspecify.annotations.Nullable;

/** What the specification refuses of a request, before anything is done (proto.md, "Request types", "Error values"). */
final class RequestCheck {
    private final NbdConnection connection;

    RequestCheck(NbdConnection connection) {
        this.connection = connection;
    }

    /** The error to reply with, or null if the request is fine. */
    @Nullable
    NbdError errorOf(Request request) {
        int type = request.type();
        if (type < CommandType.READ || type > CommandType.BLOCK_STATUS || !areFlagsValid(request)) {
            return NbdError.EINVAL;
        }
        if (type == CommandType.FLUSH) {
            return request.offset() == 0 && request.length() == 0 ? null : NbdError.EINVAL;
        }
        if (changes(type) && !connection.mayWrite()) {
            return NbdError.EPERM;
        }
        if (!request.isWithin(connection.space().sizeBytes())) {
            return isWriting(type) ? NbdError.ENOSPC : NbdError.EINVAL;
        }
        return lengthError(request);
    }

    private @Nullable NbdError lengthError(Request request) {
        boolean tooLong = request.length() > NbdLimits.DEFAULT_MAX_PAYLOAD_BYTES;
        return switch (request.type()) {
            // Only a structured reply can say that the length alone is the trouble.
            case CommandType.READ ->
                tooLong ? connection.structuredReplies() ? NbdError.EOVERFLOW : NbdError.EINVAL : null;
            case CommandType.WRITE -> tooLong ? NbdError.EINVAL : null;
            case CommandType.BLOCK_STATUS ->
                connection.contexts().isEmpty() || request.length() == 0 ? NbdError.EINVAL : null;
            default -> null;
        };
    }

    private boolean areFlagsValid(Request request) {
        boolean known = (request.flags() & ~CommandFlags.validFor(request.type())) == 0;
        return known && (connection.structuredReplies() || !request.has(CommandFlags.DF));
    }

    private static boolean changes(int type) {
        return isWriting(type) || type == CommandType.TRIM;
    }

    private static boolean isWriting(int type) {
        return type == CommandType.WRITE || type == CommandType.WRITE_ZEROES;
    }
}
