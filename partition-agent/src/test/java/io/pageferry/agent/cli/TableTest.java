package io.pageferry.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCellAndFiguresStandToTheRight() {
        Table table = new Table("NAME", ">SIZE", "LEASE")
                .row("vm1", "512 MiB", "agent-a")
                .row("a-long-name", "1 GiB", "-");

        assertThat(table.lines())
                .containsExactly(
                        "NAME            SIZE  LEASE", //
                        "vm1          512 MiB  agent-a",
                        "a-long-name    1 GiB  -");
    }

    @Test
    void aTableWithoutRowsIsItsHeadings() {
        assertThat(new Table("NAME", ">SIZE").lines()).containsExactly("NAME  SIZE");
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> new Table("NAME").row("a", "b")).isInstanceOf(IllegalArgumentException.class);
    }
}
