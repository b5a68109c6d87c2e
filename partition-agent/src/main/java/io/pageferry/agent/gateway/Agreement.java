package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a client has agreed on with the program: the protocol, its name. It belongs to the connection, so each new one to
 * the program has to begin with it.
 *
 * <p>Invariant: it is what held when the oldest request without a reply was sent; what such a request asks for is not in
 * it, since that is sent again itself.
 */
final class Agreement {
    // Copies: a slice would keep all that was received with it.
    private Optional<ByteBuf> hello = Optional.empty();
    private Optional<ByteBuf> name = Optional.empty();

    /** The program has answered a request. */
    void answered(ClientRequest request, ByteBuf reply) {
        if (isError(reply)) return;
        switch (request.kind()) {
            case HELLO -> {
                hello = Optional.of(Unpooled.copiedBuffer(request.bytes()));
                if (request.givesName()) name = Optional.empty();
            }
            case SET_NAME -> name = Optional.of(Unpooled.copiedBuffer(request.bytes()));
            default -> {}
        }
    }

    /** The requests to begin with, in their order; each is the caller's to release. */
    List<ByteBuf> requests() {
        return Stream.of(hello, name)
                .flatMap(Optional::stream)
                .map(ByteBuf::retainedDuplicate)
                .toList();
    }

    static boolean isError(ByteBuf reply) {
        byte type = reply.getByte(reply.readerIndex());
        return type == '-' || type == '!';
    }
}
