package io.pageferry.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StallsTest {
    private static final long PAUSE_NS = 20_000_000;

    private final Stalls stalls = new Stalls();

    @Test
    void aRequestThatHasNotEndedCountsFromItsBegin() throws InterruptedException {
        stalls.begin();
        Thread.sleep(20);
        assertThat(stalls.takeLongestNs()).isGreaterThanOrEqualTo(PAUSE_NS);
        stalls.end();
        assertThat(stalls.takeLongestNs()).as("to its end").isGreaterThanOrEqualTo(PAUSE_NS);
        assertThat(stalls.takeLongestNs()).as("told once").isZero();
    }
}
