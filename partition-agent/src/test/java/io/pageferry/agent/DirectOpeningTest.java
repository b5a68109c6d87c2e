package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.direct.DirectClient;
import io.pageferry.direct.DirectPathIn;
import io.pageferry.direct.DirectPathOut;
import io.pageferry.direct.DirectRequest;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.FrameChannel;
import io.pageferry.direct.OpenRequest;
import io.pageferry.direct.OpenedSpace;
import io.pageferry.direct.SpaceMappings;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.UnixListener;
import io.pageferry.migration.MigrationFailedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent makes of a direct path that is not as it should be: nothing stays open of it. */
class DirectOpeningTest {
    private static final long SIZE = 4096;
    private static final OpenRequest REQUEST = new OpenRequest("vm", "", 0);
    private static final SpaceMappings MAPPINGS = new SpaceMappings();
    private static final UUID HERE = new UUID(1, 2);

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private UnixListener listener;

    /** Completed when the client has gone again. */
    private final CompletableFuture<Boolean> gone = new CompletableFuture<>();

    @BeforeEach
    void listen() {
        listener = UnixListener.bind(folder.resolve("direct"));
    }

    @AfterEach
    void close() {
        listener.close();
    }

    /** Hands out one space by a descriptor that cannot write, whatever is asked for. */
    private DirectOpening opening(PathChoice choice) {
        Thread.ofPlatform().daemon().start(() -> {
            try (FrameChannel channel = new FrameChannel(listener.accept().orElseThrow());
                    Descriptor memory = FileCalls.memfd("vm", SIZE);
                    Descriptor file = FileCalls.reopen(memory, FileCalls.OpenMode.READ)) {
                assertThat(channel.receive()).isPresent();
                byte[] answer = new OpenedSpace(SIZE, true, HERE).encoded();
                channel.send(DirectRequest.OPEN, DirectStatus.OK, answer, answer.length, List.of(file));
                gone.complete(channel.receive().isEmpty());
            } catch (RuntimeException failure) {
                gone.completeExceptionally(failure);
            }
        });
        return new DirectOpening(choice, Optional.of(folder.resolve("direct")), Optional.of(HERE));
    }

    private static DirectOpening worksFor(DirectOpening opening, Optional<UUID> server) {
        return new DirectOpening(opening.choice(), opening.socket(), server);
    }

    @Test
    void theServerThatTheAgentWorksForIsOpened() {
        Optional<DirectPathIn> path =
                opening(PathChoice.AUTO).open(REQUEST, client -> new DirectPathIn(client, MAPPINGS));
        assertThat(gone).isNotDone();
        path.orElseThrow().close();
        assertThat(gone.join()).isTrue();
    }

    @Test
    void byChoiceAnotherServerAtThePathIsLeftAloneAndPagesGoByNbd() {
        Optional<UUID> other = Optional.of(new UUID(1, 3));
        assertThat(worksFor(opening(PathChoice.AUTO), other)
                        .open(REQUEST, client -> new DirectPathIn(client, MAPPINGS)))
                .isEmpty();
        assertThat(gone.join()).isTrue();
    }

    @Test
    void whereItMustBeDirectAnotherServerAtThePathIsAnError() {
        assertThatThrownBy(() -> worksFor(opening(PathChoice.DIRECT), Optional.empty())
                        .open(REQUEST, client -> new DirectPathIn(client, MAPPINGS)))
                .isInstanceOf(MigrationFailedException.class)
                .hasMessageContaining("is another paging server than the one that this agent works for");
        assertThat(gone.join()).isTrue();
    }

    @Test
    void byChoiceWhatCannotBeMappedGoesByNbd() {
        assertThat(opening(PathChoice.AUTO).open(REQUEST, client -> new DirectPathOut(client, MAPPINGS)))
                .isEmpty();
        assertThat(gone.join()).isTrue();
    }

    @Test
    void whereItMustBeDirectWhatCannotBeMappedIsAnError() {
        assertThatThrownBy(
                        () -> opening(PathChoice.DIRECT).open(REQUEST, client -> new DirectPathOut(client, MAPPINGS)))
                .isInstanceOf(MigrationFailedException.class)
                .hasMessageStartingWith("cannot open the paging space by the direct path: mmap(");
        assertThat(gone.join()).isTrue();
    }

    @Test
    void whereNothingIsServedOrNbdIsForcedNobodyIsAsked() {
        DirectOpening nowhere =
                new DirectOpening(PathChoice.DIRECT, Optional.of(folder.resolve("nowhere")), Optional.of(HERE));
        assertThatThrownBy(() -> nowhere.open(REQUEST, DirectOpeningTest::nobody))
                .hasMessageContaining("serves no direct path on this host");
        assertThat(new DirectOpening(PathChoice.AUTO, nowhere.socket(), Optional.of(HERE))
                        .open(REQUEST, DirectOpeningTest::nobody))
                .isEmpty();
        assertThat(new DirectOpening(PathChoice.NBD, Optional.of(folder.resolve("direct")), Optional.of(HERE))
                        .open(REQUEST, DirectOpeningTest::nobody))
                .isEmpty();
    }

    private static DirectPathIn nobody(DirectClient client) {
        throw new AssertionError("connected to server " + client.server());
    }
}
