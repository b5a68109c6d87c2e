package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdFailure;
import io.pageferry.nbd.client.NbdUnreachableException;
import io.pageferry.nbd.client.NbdUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is not there yet is waited for, as long as it is of use. */
class PatienceTest {
    private static final int AWAY = 3;

    @TempDir
    private Path folder;

    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger checks = new AtomicInteger();

    /** Opens at a server that is there at the last of so many tries. */
    private String open(int needed) {
        if (tries.incrementAndGet() == needed) return "open";
        try (NbdClient client =
                NbdClient.connect(NbdUri.unix(folder.resolve("nobody"), "vm"), NbdClientOptions.DEFAULT)) {
            throw new AssertionError("somebody listens at " + client.export());
        } catch (NbdFailure failure) {
            throw new MigrationFailedException("cannot open the paging space", failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void whileTheServerCannotBeReachedItIsTriedAgain() {
        Patience patience = new Patience(Patience.ENDLESS, checks::incrementAndGet);
        assertThat(patience.open(() -> open(AWAY))).isEqualTo("open");
        assertThat(tries).hasValue(AWAY);
        assertThat(checks).hasValue(AWAY - 1);
    }

    @Test
    void aCancelEndsTheWaiting() {
        Patience patience = new Patience(Patience.ENDLESS, () -> {
            if (checks.incrementAndGet() == 2) throw new MigrationCancelledException();
        });
        assertThatThrownBy(() -> patience.open(() -> open(AWAY))).isInstanceOf(MigrationCancelledException.class);
        assertThat(tries).hasValue(2);
    }

    @Test
    void theLimitEndsTheWaitingWithWhatFailed() {
        Patience patience = new Patience(Duration.ZERO, checks::incrementAndGet);
        assertThatThrownBy(() -> patience.open(() -> open(AWAY)))
                .isInstanceOf(MigrationFailedException.class)
                .hasCauseInstanceOf(NbdUnreachableException.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aServerThatRefusesIsNotAskedAgain() {
        Patience patience = new Patience(Patience.ENDLESS, checks::incrementAndGet);
        assertThatThrownBy(() -> patience.open(() -> {
                    tries.incrementAndGet();
                    throw new MigrationFailedException("no such space");
                }))
                .hasMessage("no such space");
        assertThat(tries).hasValue(1);
    }
}
