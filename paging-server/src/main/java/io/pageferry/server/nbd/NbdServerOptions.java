package io.pageferry.server.nbd;

import java.time.Duration;

/**
 * The limits of the NBD server.
 *
 * @param maxConnections more are refused with a message
 * @param handshakeTimeout a client that has not chosen an export by then is disconnected
 * @param stalledTimeout a client that takes nothing of its replies for so long is disconnected
 * @param keepaliveSeconds a TCP client that is silent for so long is asked whether it is still there, and is given up after as
 *     long again
 * @param maxInFlight commands of one connection that wait for a device; its requests are not read beyond
 * @param bufferedWriteBytes memory for writes that wait for a device, of all connections together
 * @param eventLoops how many threads serve connections
 * @param preferEpoll use epoll where the platform has it, otherwise NIO
 */
public record NbdServerOptions(
        int maxConnections,
        Duration handshakeTimeout,
        Duration stalledTimeout,
        int keepaliveSeconds,
        int maxInFlight,
        long bufferedWriteBytes,
        int eventLoops,
        boolean preferEpoll) {

    public static NbdServerOptions defaults() {
        return new NbdServerOptions(
                4096,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                60,
                1024,
                128L << 20,
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 16),
                true);
    }

    public NbdServerOptions withMaxConnections(int count) {
        return new NbdServerOptions(
                count,
                handshakeTimeout,
                stalledTimeout,
                keepaliveSeconds,
                maxInFlight,
                bufferedWriteBytes,
                eventLoops,
                preferEpoll);
    }

    public NbdServerOptions withTimeouts(Duration handshake, Duration stalled) {
        return new NbdServerOptions(
                maxConnections,
                handshake,
                stalled,
                keepaliveSeconds,
                maxInFlight,
                bufferedWriteBytes,
                eventLoops,
                preferEpoll);
    }

    public NbdServerOptions withKeepalive(int seconds) {
        return new NbdServerOptions(
                maxConnections,
                handshakeTimeout,
                stalledTimeout,
                seconds,
                maxInFlight,
                bufferedWriteBytes,
                eventLoops,
                preferEpoll);
    }

    public NbdServerOptions withEpoll(boolean prefer) {
        return new NbdServerOptions(
                maxConnections,
                handshakeTimeout,
                stalledTimeout,
                keepaliveSeconds,
                maxInFlight,
                bufferedWriteBytes,
                eventLoops,
                prefer);
    }
}
