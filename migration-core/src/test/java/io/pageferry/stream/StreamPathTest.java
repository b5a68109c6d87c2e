package io.pageferry.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.PagePathException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages from agent to agent over real TCP, into a real memfd. */
class StreamPathTest {
    private static final int PAGE = 4096;
    private static final SpaceLayout LAYOUT = new SpaceLayout(256);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private final StreamedManifests manifests = new StreamedManifests(directory.resolve("arrivals"));
    private final Arena arena = Arena.ofShared();
    private final Descriptor memfd = FileCalls.sealedMemfd("stream-test", LAYOUT.manifestOffset());
    private final Mapping mapping = Mapping.readWrite(memfd, LAYOUT.manifestOffset(), arena);
    private final MemorySegment memory = mapping.segment();
    private final StreamPathIn in = new StreamPathIn(
            LAYOUT, memfd, new WaitingMemory(memfd, mapping), manifests.create("store", "m-1"), this::letIn);

    @SuppressWarnings("NullAway.Init")
    private StreamListener listener;

    @SuppressWarnings("NullAway.Init")
    private InetSocketAddress address;

    @BeforeEach
    void listen() throws IOException {
        listener = StreamListener.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        String place = listener.address();
        address = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
        assertThat(changes()).isEmpty();
    }

    @AfterEach
    void close() {
        in.close();
        listener.close();
        memfd.close();
        arena.close();
    }

    private void letIn(StreamPathIn path) {
        listener.expect("m-1", "secret", path);
    }

    private MemorySegment pages(int count, int value) {
        MemorySegment pages = arena.allocate((long) count * PAGE, PAGE);
        pages.fill((byte) value);
        return pages;
    }

    private List<String> changes() {
        List<String> ranges = new ArrayList<>();
        in.changed(
                (offset, length, hole) -> ranges.add((offset / PAGE) + "+" + (length / PAGE) + (hole ? " hole" : "")));
        return ranges;
    }

    @Test
    void anAddressThatSourcesCannotConnectToIsRefused() {
        List<InetSocketAddress> useless = List.of(
                new InetSocketAddress("0.0.0.0", 0),
                new InetSocketAddress("::", 0),
                InetSocketAddress.createUnresolved("nowhere", 0));
        for (InetSocketAddress address : useless) {
            assertThatThrownBy(() -> StreamListener.start(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("streams cannot be taken at " + address.getHostString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void whatWasSentIsInPlaceWhenTheSourceHasAwaited(int streams) {
        try (StreamPathOut out = StreamPathOut.connect(address, "m-1", "secret", streams)) {
            for (int i = 0; i < 64; i++) out.write(2L * i * PAGE, pages(1, i + 1));
            out.await();
            for (int i = 0; i < 64; i++) {
                assertThat(memory.get(ValueLayout.JAVA_BYTE, 2L * i * PAGE)).isEqualTo((byte) (i + 1));
            }
            assertThat(changes()).hasSize(64).contains("126+1");
            assertThat(changes()).isEmpty();

            out.discard(0, PAGE);
            out.write(LAYOUT.manifestOffset(), pages(1, 9));
            out.flush();
            assertThat(changes()).containsExactly("0+1 hole", "256+1");
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isZero();
            MemorySegment manifest = arena.allocate(PAGE);
            in.read(
                    LAYOUT.manifestOffset(),
                    manifest,
                    failure -> assertThat(failure).isNull());
            assertThat(manifest.get(ValueLayout.JAVA_BYTE, 17)).isEqualTo((byte) 9);
        }
    }

    @Test
    void anEndBehindAConfirmationIsNoFailureAndOneBeforeItIs() {
        StreamPathOut.connect(address, "m-1", "secret", 1).close();
        try (StreamPathOut out = StreamPathOut.connect(address, "m-1", "secret", 1)) {
            out.write(0, pages(1, 1));
            out.await();
        }
        assertThat(changes()).containsExactly("0+1");
        assertThat(changes()).isEmpty();

        try (StreamPathOut out = StreamPathOut.connect(address, "m-1", "secret", 1)) {
            out.write(0, pages(1, 2));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThatThrownBy(this::changes)
                        .isInstanceOf(PagePathException.class)
                        .hasMessageContaining("ended"));
    }

    @Test
    void aManifestThatCannotBeKeptFailsBothSides() throws IOException {
        FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.READ, StandardOpenOption.WRITE);
        StreamPathIn withoutRoom = new StreamPathIn(
                LAYOUT,
                memfd,
                new WaitingMemory(memfd, mapping),
                new ManifestFile(full),
                path -> listener.expect("m-2", "secret", path));
        withoutRoom.changed((offset, length, hole) -> {});
        try (StreamPathOut out = StreamPathOut.connect(address, "m-2", "secret", 1)) {
            assertThatThrownBy(() -> {
                        out.write(LAYOUT.manifestOffset(), pages(1, 1));
                        out.await();
                    })
                    .isInstanceOf(PagePathException.class);
            assertThatThrownBy(() -> withoutRoom.changed((offset, length, hole) -> {}))
                    .isInstanceOf(PagePathException.class)
                    .hasMessageContaining("No space left");
        } finally {
            withoutRoom.close();
        }
    }

    @Test
    void aPageThatWasDroppedReadsAsZeroes() {
        MemorySegment page = pages(1, 5);
        in.readUrgent(3 * PAGE, page, failure -> assertThat(failure).isNull());
        assertThat(page.mismatch(pages(1, 0))).isEqualTo(-1);
    }

    @Test
    void aWrongTokenBringsNothing() {
        try (StreamPathOut out = StreamPathOut.connect(address, "m-1", "guess", 1)) {
            assertThatThrownBy(() -> {
                        out.write(0, pages(1, 1));
                        out.await();
                    })
                    .isInstanceOf(PagePathException.class);
        }
        assertThat(changes()).isEmpty();
        assertThat(FileCalls.nextData(memfd, 0)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "1, -4096, 4096",
        "1, 1, 4096",
        "1, 0, 1",
        "1, 1044480, 8192",
        "1, 0, 9223372036854775807",
        "2, 1048576, 4096",
        "4, 4096, 9223372036854771712",
        "9, 0, 4096"
    })
    void aLieAboutARangeEndsTheStream(long type, long offset, long length) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream()
                    .write(new StreamHello("m-1", "secret", 0, 1).encoded().array());
            ByteBuffer header = ByteBuffer.allocate(StreamFrames.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            header.putLong(type).putLong(offset).putLong(length);
            socket.getOutputStream().write(header.array());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThatThrownBy(this::changes).isInstanceOf(PagePathException.class));
        }
        assertThat(FileCalls.nextData(memfd, 0)).isEqualTo(-1);
    }

    @Test
    void whatIsNoStreamIsDropped() throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\n\r\n      ".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
