package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FetchPaceTest {
    private final FetchPace pace = new FetchPace();

    @Test
    void asLongAsNothingHasComeNothingIsPromised() {
        pace.came(0, 1_000_000);
        assertThat(pace.bringsSoon(0)).isFalse();
    }

    @Test
    void whatComesTakesAsLongAsWhatHasCome() {
        pace.came(1000, 20_000_000);
        pace.came(0, 770_000_000);
        pace.came(1000, 80_000_000);
        assertThat(pace.bringsSoon(1000)).isTrue();
        assertThat(pace.bringsSoon(1001)).isFalse();
    }
}
