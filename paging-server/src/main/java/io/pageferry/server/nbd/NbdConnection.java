package io.pageferry.server.nbd;

import io.netty.channel.Channel;
import io.pageferry.server.pool.PagingSpace;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One client in the transmission phase: what it opened, what it negotiated, and whether it may (still) write. */
final class NbdConnection {
    private final Channel channel;
    private final Export export;
    private final boolean structuredReplies;
    private final List<MetaContext> contexts;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private volatile boolean fenced;

    NbdConnection(Channel channel, Export export, boolean structuredReplies, List<MetaContext> contexts) {
        this.channel = channel;
        this.export = export;
        this.structuredReplies = structuredReplies;
        this.contexts = List.copyOf(contexts);
    }

    Export export() {
        return export;
    }

    PagingSpace space() {
        return export.space();
    }

    boolean structuredReplies() {
        return structuredReplies;
    }

    List<MetaContext> contexts() {
        return contexts;
    }

    /** Whether a store may land now. For the answer to hold, ask inside the space's gate. */
    boolean mayWrite() {
        return export.writable() && !fenced;
    }

    /** Asks as {@link #mayWrite}. @throws FencedException unless {@link #mayWrite} */
    void requireWriting() {
        if (!mayWrite()) {
            throw new FencedException();
        }
    }

    boolean holds(@Nullable String token) {
        return token != null && Objects.equals(export.leaseToken(), token);
    }

    /** Takes away the right to write; complete once the space's gate has drained. */
    void fence() {
        fenced = true;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ended() tells when it is done
    void disconnect() {
        channel.close();
    }

    /** Nothing of this connection touches the space any more. */
    void end() {
        export.close();
        ended.complete(null);
    }

    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }
}
