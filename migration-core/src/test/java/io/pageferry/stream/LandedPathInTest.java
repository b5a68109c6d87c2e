package io.pageferry.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.pager.WaitingMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What came by streams to an agent that was killed, found by the next: its pages in a real memfd, its manifest in the file. */
class LandedPathInTest {
    private static final int PAGE = 4096;
    private static final SpaceLayout LAYOUT = new SpaceLayout(2048);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Arena arena = Arena.ofShared();
    private final Descriptor memfd = FileCalls.sealedMemfd("landed-test", LAYOUT.manifestOffset());
    private final Mapping mapping = Mapping.readWrite(memfd, LAYOUT.manifestOffset(), arena);
    private final Manifest sent = new Manifest(LAYOUT);
    private final AtomicBoolean committed = new AtomicBoolean();

    @SuppressWarnings("NullAway.Init")
    private StreamListener listener;

    @SuppressWarnings("NullAway.Init")
    private StreamPathIn dead;

    @BeforeEach
    void listen() throws IOException {
        listener = StreamListener.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        dead = new StreamPathIn(
                LAYOUT,
                memfd,
                new WaitingMemory(memfd, mapping),
                manifests().create("store", "m-1"),
                path -> listener.expect("m-1", "secret", path));
        dead.changed((offset, length, hole) -> {});
    }

    @AfterEach
    void close() {
        dead.close();
        listener.close();
        sent.close();
        memfd.close();
        arena.close();
    }

    private StreamedManifests manifests() {
        return new StreamedManifests(directory.resolve("arrivals"));
    }

    private StreamPathOut source() throws IOException {
        String place = listener.address();
        int port = Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
        return StreamPathOut.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), "m-1", "secret", 2);
    }

    private void send(StreamPathOut out, long page) {
        MemorySegment content = arena.allocate(PAGE, PAGE).fill((byte) (page + 1));
        out.write(page * PAGE, content);
        sent.setState(page, PageState.DATA, false);
        sent.setChecksum(page, Checksums.crc32c(content));
    }

    /** All that the source sends before it asks for the commit. */
    private void sendAll() throws IOException {
        try (StreamPathOut out = source()) {
            for (long page : List.of(0L, 3L, 4L, 1500L)) send(out, page);
            out.write(7L * PAGE, arena.allocate(PAGE, PAGE).fill((byte) 7));
            out.await();
            out.discard(7L * PAGE, PAGE);
            // It had content when it was sent, and has none by now.
            out.write(9L * PAGE, arena.allocate(PAGE, PAGE).fill((byte) 9));
            sent.seal("store", 9, new byte[] {1, 2, 3});
            out.write(LAYOUT.manifestOffset(), sent.bytes());
            out.flush();
        }
    }

    private LandedPathIn next() {
        return new LandedPathIn(
                LAYOUT,
                memfd,
                new WaitingMemory(memfd, mapping),
                manifests().find("store", "m-1").orElseThrow(),
                committed::get);
    }

    private static List<String> changes(LandedPathIn path) {
        List<String> ranges = new ArrayList<>();
        path.changed((offset, length, hole) -> ranges.add(offset / PAGE + "+" + length / PAGE + (hole ? " hole" : "")));
        return ranges;
    }

    @Test
    void allThatTheSourceWasToldOfIsThereOnceItIsCommitted() throws IOException {
        sendAll();
        try (LandedPathIn path = next();
                Manifest found = new Manifest(LAYOUT)) {
            assertThat(changes(path)).isEmpty();
            committed.set(true);
            assertThat(changes(path))
                    .containsExactly("0+1", "3+2", "9+1", "1500+1", "2048+" + LAYOUT.manifestBytes() / PAGE);
            assertThat(changes(path)).isEmpty();
            path.read(
                    LAYOUT.manifestOffset(),
                    found.bytes(),
                    failure -> assertThat(failure).isNull());
            assertThat(found.executionState(found.verify("store"))).containsExactly(1, 2, 3);
            for (long page : List.of(0L, 3L, 4L, 1500L)) {
                assertThat(path.checksumInPlace(page)).isEqualTo(found.checksum(page));
            }
        }
        // A path that was closed on the way is gone on with by the next agent.
        assertThat(manifests().migrationOf("store")).contains("m-1");
    }

    @Test
    void memoryOfAnotherProgramIsNotTakenForIt() throws IOException {
        sendAll();
        FileCalls.punchHole(memfd, 3L * PAGE, PAGE);
        committed.set(true);
        try (LandedPathIn path = next()) {
            assertThatThrownBy(() -> changes(path))
                    .isInstanceOf(StreamException.class)
                    .hasMessageStartingWith("1 of 4 pages that had come by streams are not in the program's memory");
        }
    }

    @Test
    void aManifestThatDidNotComeWholeIsNone() throws IOException {
        try (StreamPathOut out = source()) {
            send(out, 5);
            out.write(LAYOUT.manifestOffset(), sent.bytes().asSlice(0, PAGE));
            out.flush();
        }
        committed.set(true);
        try (LandedPathIn path = next()) {
            assertThatThrownBy(() -> changes(path)).hasMessage("the manifest of what came by streams cannot be read");
        }
    }

    @Test
    void whatCannotBeReadIsNotTakenForAbsent() throws IOException {
        Files.createDirectories(directory.resolve("arrivals/loop"));
        Files.createSymbolicLink(directory.resolve("arrivals/loop/m-1"), Path.of("m-1"));
        assertThatThrownBy(() -> manifests().find("loop", "m-1"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot be read from");
    }

    @Test
    void aNewArrivalLeavesNothingOfTheOneBefore() throws IOException {
        assertThat(manifests().migrationOf("store")).contains("m-1");
        try (ManifestFile _ = manifests().create("store", "m-2")) {
            assertThat(manifests().migrationOf("store")).contains("m-2");
            assertThat(manifests().find("store", "m-1")).isEmpty();
        }
        try (ManifestFile file = manifests().create("store", "m-3")) {
            file.put(0, arena.allocate(PAGE));
        }
        assertThat(manifests().find("store", "m-2")).isEmpty();
        manifests().drop("store", "m-3");
        assertThat(manifests().migrationOf("store")).isEmpty();
    }
}
