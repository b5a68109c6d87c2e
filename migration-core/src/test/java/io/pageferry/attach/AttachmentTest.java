package io.pageferry.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.pagetable.Table;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttachmentTest {
    private static final String GOOD = "attach version=1 name=store size-bytes=8192 page-size-bytes=4096 state=running"
            + " pid=17 partition-table=0x10000 migration-table=0x20000 pointer=migration user-mode-only=true"
            + " endpoint=127.0.0.1%3A6379";

    @Test
    void everyFieldTravels() {
        Attachment attachment = Attachment.of(Message.parse(GOOD));
        assertThat(attachment)
                .isEqualTo(new Attachment(
                        "store",
                        8192,
                        ProgramState.RUNNING,
                        17,
                        0x10000,
                        0x20000,
                        Table.MIGRATION,
                        true,
                        Optional.of("127.0.0.1:6379")));
        assertThat(Attachment.of(attachment.toMessage())).isEqualTo(attachment);
        assertThat(Attachment.of(Message.parse(GOOD.replace(" user-mode-only=true", "")))
                        .userModeOnly())
                .isFalse();
    }

    @Test
    void eachWrongFieldIsNamed() {
        refused("attach", "resume", "the first line must be 'attach', not 'resume'");
        refused("version=1", "version=2", "this agent speaks version 1 of the attach protocol, not 2");
        refused("page-size-bytes=4096", "page-size-bytes=65536", "pages have 4096 bytes, not 65536");
        refused("size-bytes=8192", "size-bytes=8193", "a partition's size must be a positive multiple of 4096 bytes");
        refused("size-bytes=8192", "size-bytes=-4096", "a partition's size must be a positive multiple");
        refused("size-bytes=8192", "size-bytes=0x7ffffffffffff000", "at most 17592186044416");
        refused("name=store", "name=..%2Fx", "a partition's name is letters, digits");
        refused("name=store", "name=" + "x".repeat(65), "a partition's name is letters, digits");
        refused("state=running", "state=asleep", "not a program's state: 'asleep'");
        refused("pointer=migration", "pointer=third", "not a page table: 'third'");
        refused(
                "partition-table=0x10000",
                "partition-table=0x10001",
                "partition-table is not the address of a mapping");
        refused("migration-table=0x20000", "migration-table=0x11000", "two mappings that do not overlap");
        refused("migration-table=0x20000", "migration-table=0x7ffffffffffff000", "is not the address of a mapping");
        refused(" pid=17", "", "attach lacks the field 'pid'");
    }

    private static void refused(String field, String replacement, String message) {
        Message wrong = Message.parse(GOOD.replaceFirst(field, replacement));
        assertThatThrownBy(() -> Attachment.of(wrong))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(message);
    }
}
