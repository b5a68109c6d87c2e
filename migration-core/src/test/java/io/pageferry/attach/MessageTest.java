package io.pageferry.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.TestSeed;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void aLineReadsBackAsTheMessageItWasMadeFrom() {
        Message message = Message.of("attach")
                .with("name", "a b=c%\n\u00e9+")
                .with("size-bytes", 4096)
                .with("at", "0x1f");
        String line = new String(message.toBytes(), StandardCharsets.UTF_8);
        assertThat(line).isEqualTo("attach name=a+b%3Dc%25%0A%C3%A9%2B size-bytes=4096 at=0x1f\n");

        Message read = Message.parse(line.strip());
        assertThat(read.verb()).isEqualTo("attach");
        assertThat(read.text("name")).isEqualTo("a b=c%\n\u00e9+");
        assertThat(read.number("size-bytes")).isEqualTo(4096);
        assertThat(read.number("at")).isEqualTo(31);
        assertThat(read.number("absent", 7)).isEqualTo(7);
        assertThat(Message.parse("attach a=b%20c").text("a")).isEqualTo("b c");
    }

    @Test
    void whatIsNotAMessageIsRefusedWithWhatIsWrong() {
        refused("", "not a verb: ''");
        refused("GET / HTTP/1.1", "not a verb: 'GET'");
        refused("attach  a=b", "not a key=value field: ''");
        refused("attach a", "not a key=value field: 'a'");
        refused("attach =a", "not a key=value field: '=a'");
        refused("attach a=1 a=2", "field given twice: 'a'");
        refused("attach a=%zz", "not percent-encoded: '%zz'");
        refused("\u0001\u0002", "not a verb: '??'");
        assertThatThrownBy(() -> Message.parse("x a=12y").number("a")).hasMessage("x: 'a' is not a number: '12y'");
        assertThatThrownBy(() -> Message.parse("x").text("a")).hasMessage("x lacks the field 'a'");
    }

    @Test
    void aMessageLongerThanALineIsNotSent() {
        assertThatThrownBy(() -> Message.of("x").with("a", "b".repeat(5000)).toBytes())
                .hasMessageContaining("longer than 4096 bytes");
    }

    @Test
    void aReasonIsCutToWhatALineTakes() {
        Message message = Message.of("failed").with("id", 3).withReason("\u00e9 ".repeat(10_000));
        assertThat(message.with("descriptors", 8).toBytes().length).isLessThanOrEqualTo(Message.MAX_LINE_BYTES);
        assertThat(message.text("reason")).startsWith("\u00e9 ").endsWith("...");
        assertThat(Message.of("failed").withReason("short").text("reason")).isEqualTo("short");
    }

    @Test
    void noLineOfRandomBytesDoesMoreThanBeRefused() {
        Random random = TestSeed.random(MessageTest.class);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            if (random.nextBoolean())
                System.arraycopy(
                        "attach a=".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, Math.min(9, bytes.length));
            try {
                Message.parse(new String(bytes, StandardCharsets.UTF_8)).toBytes();
            } catch (ProtocolException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    private static void refused(String line, String message) {
        assertThatThrownBy(() -> Message.parse(line))
                .isInstanceOf(ProtocolException.class)
                .hasMessage(message);
    }
}
