package io.pageferry.nbd.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A future that is its request's completion. */
final class FutureCompletion extends CompletableFuture<@Nullable Void> implements NbdCompletion {
    @Override
    public void completed(@Nullable NbdFailure failure) {
        if (failure == null) {
            complete(null);
        } else {
            completeExceptionally(failure);
        }
    }
}
