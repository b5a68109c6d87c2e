package io.pageferry.attach;

import java.time.Duration;
import java.util.List;

/** Ends a connection whose peer does not say in time what it wants, or answer; tells it why first. */
public final class HandshakeTimer implements AutoCloseable {
    /** How long a peer may take. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private final Thread watch;

    private HandshakeTimer(Thread watch) {
        this.watch = watch;
    }

    /** Starts to wait; closing this in time leaves the connection alone. */
    public static HandshakeTimer start(MessageChannel channel, Duration limit) {
        return new HandshakeTimer(Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException saidInTime) {
                return;
            }
            try {
                String reason = "nothing complete was said within " + limit.toMillis() + " ms";
                channel.send(Message.of("refused").with("reason", reason), List.of());
            } catch (AttachLostException gone) {
                // There is nobody to tell.
            } finally {
                channel.shutdown();
            }
        }));
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
