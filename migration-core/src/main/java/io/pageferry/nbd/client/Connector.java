package io.pageferry.nbd.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt to reach a server: connect, shake hands, all within a limit of time. */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong with a socket ends in channelInactive
final class Connector {
    private Connector() {}

    /**
     * Begins an attempt; the future completes on {@code loop}, with an {@link NbdFailure} where it fails, and then the
     * connection is closed. {@code after} follows the handshake in the pipeline and gets what comes after it;
     * {@code prepare} may set up the channel.
     */
    static <T> CompletableFuture<Handshake.Result<T>> connect(
            NbdTransport transport,
            EventLoop loop,
            NbdUri uri,
            Duration limit,
            HandshakePlan<T> plan,
            @Nullable ChannelHandler after,
            Consumer<Channel> prepare) {
        CompletableFuture<Handshake.Result<T>> result = new CompletableFuture<>();
        Handshake<T> handshake = new Handshake<>(plan, result);
        var connected = transport.connect(loop, uri, limit, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                prepare.accept(channel);
                channel.pipeline().addLast("handshake", handshake);
                if (after != null) {
                    channel.pipeline().addLast("replies", after);
                }
            }
        });
        connected.addListener(future -> {
            if (!future.isSuccess()) {
                result.completeExceptionally(new NbdUnreachableException(
                        "cannot connect to " + uri + ": is the server running, and does it listen there?",
                        future.cause()));
            }
        });
        limitTime(loop, limit, uri, result, connected.channel());
        return result;
    }

    private static <T> void limitTime(
            EventLoop loop,
            Duration limit,
            NbdUri uri,
            CompletableFuture<Handshake.Result<T>> result,
            Channel channel) {
        ScheduledFuture<?> timeout = loop.schedule(
                () -> {
                    if (result.completeExceptionally(new NbdUnreachableException(
                            uri + " did not finish the handshake within " + limit.toMillis() + " ms"))) {
                        channel.close();
                    }
                },
                limit.toNanos(),
                TimeUnit.NANOSECONDS);
        result.whenComplete((value, failure) -> timeout.cancel(false));
    }
}
