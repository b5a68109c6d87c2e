package io.pageferry.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "4096B, 4096",
        "1K, 1024",
        "1k, 1024",
        "512M, 536870912",
        "1G, 1073741824",
        "1g, 1073741824",
        "1 GiB, 1073741824",
        "1gib, 1073741824",
        "2T, 2199023255552",
        "1P, 1125899906842624",
        "1.5G, 1610612736",
        "0.5K, 512",
        " 8M , 8388608",
        "9223372036854775807, 9223372036854775807",
        "007, 7"
    })
    void aSizeIsANumberOfBytesOrOneWithAUnit(String text, long sizeBytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(sizeBytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "M", "-1", "+1", "1.", ".5", "1,5G", "1e3", "0x10", "1Q", "1MM", "1iB", "1 G B", "one", "1G1",
                "١"
            })
    void whatIsNoSizeIsRefusedWithExamples(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' is not a size: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1KB", "1mb", "512 GB"})
    void aDecimalUnitIsRefusedSinceItMayMeanEither(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("could be decimal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8E", "9999999999999999999", "9999999999999999999E"})
    void aSizeBeyondALongIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContaining("the largest size is");
    }

    @Test
    void partOfAByteIsRefused() {
        assertThatThrownBy(() -> ByteSize.parse("0.3K")).hasMessageContaining("no whole number of bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1, 1 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "4096, 4 KiB",
        "1536, 1.5 KiB",
        "536870912, 512 MiB",
        "1073741824, 1 GiB",
        "1073741823, 1 GiB",
        "1048575, 1 MiB",
        "1500000, 1.4 MiB",
        "2199023255552, 2 TiB",
        "9223372036854775807, 8 EiB"
    })
    void aSizeIsPrintedInTheLargestUnitThatItFills(long sizeBytes, String text) {
        assertThat(ByteSize.format(sizeBytes)).isEqualTo(text);
    }

    @Test
    void wholeUnitsArePrintedAsTheyAreParsed() {
        for (long sizeBytes = 1; sizeBytes > 0; sizeBytes <<= 1) {
            assertThat(ByteSize.parse(ByteSize.format(sizeBytes))).isEqualTo(sizeBytes);
        }
    }
}
