package io.pageferry.nbd.client;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future answer to a BLOCK_STATUS request. */
final class StatusCompletion extends CompletableFuture<BlockStatus> implements NbdCompletion {
    private @Nullable Request request;

    void answers(Request asked) {
        request = asked;
    }

    @Override
    public void completed(@Nullable NbdFailure failure) {
        if (failure == null) {
            complete(new BlockStatus(Map.copyOf(Objects.requireNonNull(request).extents)));
        } else {
            completeExceptionally(failure);
        }
    }
}
