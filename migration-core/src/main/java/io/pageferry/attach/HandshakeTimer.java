package io.pageferry.attach;

import java.time.Duration;

/** Ends a connection whose peer does not say within some seconds what it wants. */
final class HandshakeTimer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Thread watch;

    private HandshakeTimer(Thread watch) {
        this.watch = watch;
    }

    static HandshakeTimer start(MessageChannel channel) {
        return new HandshakeTimer(Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(LIMIT);
                channel.shutdown();
            } catch (InterruptedException saidInTime) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
