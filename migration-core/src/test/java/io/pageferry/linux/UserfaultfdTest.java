package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Userfaultfd.Filled;
import io.pageferry.linux.Userfaultfd.Mode;
import io.pageferry.linux.Userfaultfd.Outcome;
import io.pageferry.testing.KernelRequirement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A touch of a missing page is made inside a system call here: a thread that waits in Java code would hold up its own JVM. */
class UserfaultfdTest {
    private static final long PAGE = 4096;
    private static final int PAGES = 16;

    private final Arena arena = Arena.ofShared();
    private final Descriptor memory = FileCalls.memfd("test", PAGES * PAGE);
    private final Mapping mapping = Mapping.readWrite(memory, PAGES * PAGE, arena);
    private final MemorySegment content = arena.allocate(PAGES * PAGE, PAGE).fill((byte) 5);
    private Userfaultfd userfaultfd;

    @BeforeEach
    void create() {
        KernelRequirement.fullUserfaultfd();
        userfaultfd = UserfaultfdFactory.create().userfaultfd();
    }

    @AfterEach
    void close() {
        userfaultfd.close();
        memory.close();
        arena.close();
    }

    @Test
    void aThreadThatTouchesAMissingPageWaitsUntilItIsFilled() throws InterruptedException {
        userfaultfd.register(mapping.address(), PAGES * PAGE, Mode.MISSING);
        MemorySegment copied = arena.allocate(PAGE);
        Thread toucher = Thread.ofPlatform().start(() -> readByKernel(3, copied));

        FaultEvents events = new FaultEvents(4);
        assertThat(userfaultfd.readEvents(events)).isEqualTo(1);
        assertThat(events.isPageFault(0)).isTrue();
        assertThat(events.isWrite(0)).isFalse();
        assertThat(events.address(0)).isEqualTo(mapping.address() + 3 * PAGE);
        assertThat(events.threadId(0)).isPositive();
        assertThat(toucher.isAlive()).isTrue();
        assertThat(userfaultfd.copy(events.address(0), content.address(), PAGE))
                .isEqualTo(new Filled(Outcome.COPIED, PAGE));
        toucher.join();
        assertThat(copied.get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 5);
    }

    @Test
    void everyOutcomeOfAFillIsTold() {
        userfaultfd.register(mapping.address(), (PAGES - 1) * PAGE, Mode.MISSING);
        long base = mapping.address();
        assertThat(userfaultfd.copy(base + PAGE, content.address(), PAGE).outcome())
                .isEqualTo(Outcome.COPIED);
        assertThat(userfaultfd.copy(base + PAGE, content.address(), PAGE).outcome())
                .isEqualTo(Outcome.ALREADY_PRESENT);
        // The kernel stops at the page that is there, and says how far it came.
        assertThat(userfaultfd.copy(base, content.address(), 4 * PAGE)).isEqualTo(new Filled(Outcome.RETRY, PAGE));
        assertThat(userfaultfd.zero(base + 2 * PAGE, 2 * PAGE)).isEqualTo(new Filled(Outcome.COPIED, 2 * PAGE));
        assertThat(userfaultfd
                        .copy(base + (PAGES - 1) * PAGE, content.address(), PAGE)
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThatThrownBy(() -> userfaultfd.copy(base + 1, content.address(), PAGE))
                .hasMessageStartingWith("UFFDIO_COPY(0x")
                .hasMessageContaining("EINVAL");
        assertThat(mapping.segment().get(ValueLayout.JAVA_BYTE, 3 * PAGE)).isZero();
    }

    @Test
    void registeringAgainNeverTakesMissingFaultsAwayAndUnregisteringDoes() {
        userfaultfd.register(mapping.address(), PAGES * PAGE, Mode.MISSING_AND_WRITE_PROTECT);
        userfaultfd.register(mapping.address(), PAGES * PAGE, Mode.WRITE_PROTECT);
        assertThat(userfaultfd.copy(mapping.address(), content.address(), PAGE).outcome())
                .isEqualTo(Outcome.COPIED);
        userfaultfd.unregister(mapping.address(), PAGES * PAGE);
        userfaultfd.register(mapping.address(), PAGES * PAGE, Mode.WRITE_PROTECT);

        assertThat(mapping.segment().get(ValueLayout.JAVA_BYTE, 5 * PAGE)).isZero();
        // Unregistering what is not registered is no error: an agent that starts anew need not know.
        userfaultfd.unregister(mapping.address(), PAGES * PAGE);
        userfaultfd.unregister(mapping.address(), PAGES * PAGE);
    }

    @Test
    void aNonBlockingReadWithNothingToReportReturnsZero() {
        userfaultfd.descriptor().setNonBlocking();
        assertThat(userfaultfd.readEvents(new FaultEvents(1))).isZero();
    }

    @Test
    void aWaitForReportsEndsWhenItIsTold() throws InterruptedException {
        userfaultfd.descriptor().setNonBlocking();
        try (Readiness readiness = new Readiness(userfaultfd.descriptor())) {
            boolean[] readable = {true};
            Thread waiter = Thread.ofPlatform().start(() -> readable[0] = readiness.await());
            readiness.end();
            waiter.join();
            assertThat(readable[0]).isFalse();
            assertThat(readiness.await()).isFalse();
        }
    }

    @Test
    void anAddressThatIsNoMappingSaysSo() {
        assertThatThrownBy(() -> userfaultfd.register(PAGE, PAGE, Mode.MISSING))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("userfaultfd ioctl");
    }

    private void readByKernel(long pageIndex, MemorySegment into) {
        try (Descriptor scratch = FileCalls.memfd("scratch", PAGE)) {
            FileCalls.writeAt(scratch, mapping.segment().asSlice(pageIndex * PAGE, PAGE), 0);
            FileCalls.readAt(scratch, into, 0);
        }
    }
}
