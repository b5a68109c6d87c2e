package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with a real server, damaged at random: the client ends each with success or a typed failure, and in time. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NbdClientFuzzTest {
    private static final int SESSIONS = 250;
    private static final long SESSION_LIMIT_MS = 20_000;
    private static final NbdClientOptions PATIENT = NbdClientOptions.DEFAULT.withConnections(1, false);
    private static final NbdClientOptions SHORT =
            PATIENT.withTimeLimits(Duration.ofMillis(300), Duration.ofMillis(150), Duration.ofMillis(150));

    @TempDir
    private Path folder;

    @Test
    void aDamagedSessionEndsInTimeWithATypedFailureOrSucceeds() throws Exception {
        Random random = TestSeed.random(NbdClientFuzzTest.class);
        try (NbdTransport transport = NbdTransport.open(1);
                Arena arena = Arena.ofShared()) {
            RecordedSession recorded = recordGoodSession(transport, arena);
            int failed = 0;
            for (int i = 0; i < SESSIONS; i++) {
                RecordedSession damaged = recorded.damaged(random);
                try (ServerSocket listening = listen()) {
                    Thread.ofVirtual().start(() -> serve(listening, damaged));
                    List<Throwable> failures = session(transport, uriOf(listening), SHORT, arena);
                    assertThat(failures).allSatisfy(NbdClientFuzzTest::assertExpected);
                    failed += failures.isEmpty() ? 0 : 1;
                }
            }
            assertThat(failed).as("the damage is noticed").isPositive();
        }
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static NbdUri uriOf(ServerSocket listening) {
        return NbdUri.tcp("127.0.0.1", listening.getLocalPort(), "");
    }

    private static void assertExpected(Throwable failure) {
        // A damaged export may be too small, or lack the command.
        assertThat(failure)
                .isInstanceOfAny(NbdFailure.class, IllegalArgumentException.class, UnsupportedOperationException.class);
    }

    private RecordedSession recordGoodSession(NbdTransport transport, Arena arena) throws Exception {
        RecordedSession session = new RecordedSession();
        try (NbdPeer peer = NbdPeer.nbdkitTcp(folder, "memory", "1M");
                ServerSocket listening = listen()) {
            Thread recorder = Thread.ofPlatform().start(() -> {
                try {
                    session.record(listening, peer.uri().port());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(session(transport, uriOf(listening), PATIENT, arena)).isEmpty();
            recorder.join();
        }
        return session;
    }

    /** Says the damaged session to the first connection, and nothing to those that follow. */
    private static void serve(ServerSocket listening, RecordedSession damaged) {
        boolean first = true;
        while (!listening.isClosed()) {
            try (Socket client = listening.accept()) {
                if (first) {
                    first = false;
                    damaged.replay(client);
                }
            } catch (IOException e) {
                // the client left, or the session is over
            }
        }
    }

    private static List<Throwable> session(NbdTransport transport, NbdUri uri, NbdClientOptions options, Arena arena)
            throws Exception {
        List<Throwable> failures = new ArrayList<>();
        try (NbdClient client = NbdClient.connect(transport, uri, options)) {
            MemorySegment memory = arena.allocate(1 << 17);
            attempt(failures, () -> client.write(4096, memory.asSlice(0, 1 << 16), 0));
            attempt(failures, () -> client.blockStatus(0, 1 << 20, 0));
            attempt(failures, () -> client.read(0, memory));
            attempt(failures, client::flush);
        } catch (NbdFailure e) {
            failures.add(e);
        }
        return failures;
    }

    private interface Attempt {
        CompletableFuture<?> start();
    }

    private static void attempt(List<Throwable> failures, Attempt attempt) throws Exception {
        try {
            attempt.start().orTimeout(SESSION_LIMIT_MS, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            failures.add(e.getCause() == null ? e : e.getCause());
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            failures.add(e);
        }
    }
}
