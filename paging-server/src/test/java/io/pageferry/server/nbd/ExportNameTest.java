package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ExportNameTest {
    @Test
    void settingsFollowTheNameInAnyOrder() {
        assertThat(ExportName.parse("vm1")).isEqualTo(new ExportName("vm1", null, 0, null));
        assertThat(ExportName.parse("vm1;lease=abc")).isEqualTo(new ExportName("vm1", "abc", 0, null));
        assertThat(ExportName.parse("vm1;since=17;lease=abc")).isEqualTo(new ExportName("vm1", "abc", 17, null));
        assertThat(ExportName.parse("vm1;server=s;since=17")).isEqualTo(new ExportName("vm1", null, 17, "s"));
        assertThat(ExportName.parse("")).isEqualTo(new ExportName("", null, 0, null));
    }

    @Test
    void whatIsNotUnderstoodIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExportName.parse("vm1;leese=abc"))
                .withMessageContaining("'leese=abc'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExportName.parse("vm1;since=yesterday"))
                .withMessageContaining("'yesterday'");
    }
}
