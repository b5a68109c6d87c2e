package io.pageferry.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.page.PageSet;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final long PAGES = 10_001;
    private static final List<PageState> STATES = List.of(PageState.values());

    @Test
    void whatWasSealedIsReadBackWithEveryPlaneAndTheState() {
        Random random = TestSeed.random(ManifestTest.class);
        byte[] state = new byte[random.nextInt(SpaceLayout.STATE_AREA_BYTES + 1)];
        random.nextBytes(state);
        try (Manifest written = filled(random);
                Manifest read = new Manifest(new SpaceLayout(PAGES))) {
            written.seal("store", 7, state);
            read.bytes().copyFrom(written.bytes());
            ManifestHeader header = read.verify("store");
            assertThat(header.generation()).isEqualTo(7);
            assertThat(read.executionState(header)).isEqualTo(state);
            for (long page = 0; page < PAGES; page++) {
                assertThat(read.state(page)).isEqualTo(written.state(page));
                assertThat(read.isReadOnly(page)).isEqualTo(written.isReadOnly(page));
                assertThat(read.heat(page)).isEqualTo(written.heat(page));
                assertThat(read.checksum(page)).isEqualTo(written.checksum(page));
            }
        }
    }

    @Test
    void aFlippedBitAnywhereInWhatIsInUseIsFound() {
        Random random = TestSeed.random(ManifestTest.class);
        byte[] state = new byte[3000];
        random.nextBytes(state);
        try (Manifest manifest = filled(random)) {
            manifest.seal("store", 1, state);
            SpaceLayout layout = manifest.layout();
            long[][] inUse = {
                {0, 124},
                {layout.stateArea(), state.length},
                {layout.statePlane(), PAGES},
                {layout.heatPlane(), PAGES},
                {layout.checksumPlane(), PAGES * Integer.BYTES}
            };
            for (int round = 0; round < 500; round++) {
                long[] part = inUse[round % inUse.length];
                long at = part[0] + random.nextLong(part[1]);
                byte flip = (byte) (1 << random.nextInt(8));
                xor(manifest.bytes(), at, flip);
                assertThatThrownBy(() -> manifest.verify("store"))
                        .as("byte %d", at)
                        .isInstanceOf(ManifestException.class);
                xor(manifest.bytes(), at, flip);
            }
            manifest.verify("store");
        }
    }

    @Test
    void thePagesWithoutDataAreAllThatHaveAnotherState() {
        Random random = TestSeed.random(ManifestTest.class);
        try (Manifest manifest = new Manifest(new SpaceLayout(PAGES))) {
            PageSet without = new PageSet(PAGES);
            for (int page = 0; page < PAGES; page++) {
                boolean isData = random.nextInt(20) != 0;
                PageState other = random.nextBoolean() ? PageState.HOLE : PageState.ZERO;
                manifest.setState(page, isData ? PageState.DATA : other, random.nextBoolean());
                if (random.nextInt(10) == 0) manifest.setUnsettled(page);
                if (!isData) without.add(page);
            }
            assertThat(manifest.withoutData().ranges()).isEqualTo(without.ranges());
        }
    }

    @Test
    void aManifestOfAnotherPartitionOrSizeIsRefused() {
        try (Manifest manifest = new Manifest(new SpaceLayout(PAGES));
                Manifest smaller = new Manifest(new SpaceLayout(PAGES - 1))) {
            manifest.seal("store", 1, new byte[0]);
            assertThatThrownBy(() -> manifest.verify("other"))
                    .hasMessageContaining("store")
                    .hasMessageContaining("other");
            smaller.bytes().copyFrom(manifest.bytes().asSlice(0, smaller.bytes().byteSize()));
            assertThatThrownBy(() -> smaller.verify("store")).hasMessageContaining("pages");
        }
    }

    @Test
    void anEmptySpaceHoldsNoManifest() {
        try (Manifest manifest = new Manifest(new SpaceLayout(1))) {
            assertThatThrownBy(() -> manifest.verify("store")).hasMessageContaining("no manifest");
        }
    }

    @Test
    void onlyWhatChangedIsToBeWrittenAgain() {
        try (Manifest manifest = new Manifest(new SpaceLayout(PAGES))) {
            assertThat(manifest.takeChanged().size())
                    .as("all of a new one")
                    .isEqualTo(manifest.bytes().byteSize() / 4096);
            assertThat(manifest.takeChanged().isEmpty()).isTrue();
            manifest.setChecksum(5, 77);
            manifest.setChecksum(5, 77);
            manifest.setState(5, PageState.DATA, true);
            assertThat(manifest.takeChanged().size()).isEqualTo(2);
            manifest.setState(5, PageState.DATA, true);
            assertThat(manifest.takeChanged().isEmpty()).as("nothing new").isTrue();
        }
    }

    @Test
    void aStateThatDoesNotFitIsRefused() {
        try (Manifest manifest = new Manifest(new SpaceLayout(1))) {
            byte[] tooLong = new byte[SpaceLayout.STATE_AREA_BYTES + 1];
            assertThatThrownBy(() -> manifest.seal("store", 1, tooLong)).isInstanceOf(ManifestException.class);
        }
    }

    private static Manifest filled(Random random) {
        Manifest manifest = new Manifest(new SpaceLayout(PAGES));
        byte[] heats = new byte[(int) PAGES];
        random.nextBytes(heats);
        manifest.setHeats(heats);
        for (long page = 0; page < PAGES; page++) {
            manifest.setState(page, STATES.get(random.nextInt(3)), random.nextBoolean());
            manifest.setChecksum(page, random.nextInt());
        }
        return manifest;
    }

    private static void xor(MemorySegment bytes, long at, byte mask) {
        bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (bytes.get(ValueLayout.JAVA_BYTE, at) ^ mask));
    }
}
