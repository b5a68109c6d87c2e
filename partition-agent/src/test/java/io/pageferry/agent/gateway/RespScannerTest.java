package io.pageferry.agent.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RespScannerTest {
    private static final int CHUNK_BYTES = 64 << 20;

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static String refusal(ByteBuf in, boolean inlineAllowed) {
        RespScanner scanner = new RespScanner(inlineAllowed);
        String message = assertThrows(DecoderException.class, () -> scanner.wholeLength(in))
                .getMessage();
        return message == null ? "" : message;
    }

    @Test
    void findsTheEndOfEachValueHoweverItIsCut() {
        String[] values = {
            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n",
            "*2\r\n*1\r\n:1\r\n%1\r\n+k\r\n_\r\n",
            "|1\r\n+a\r\n+b\r\n$-1\r\n",
            "PING\r\n",
            "*0\r\n",
        };
        for (String value : values) {
            RespScanner scanner = new RespScanner(true);
            ByteBuf in = Unpooled.buffer();
            byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < bytes.length - 1; i++) {
                in.writeByte(bytes[i]);
                assertEquals(-1, scanner.wholeLength(in), value + " cut after " + (i + 1));
            }
            in.writeByte(bytes[bytes.length - 1]).writeBytes(ascii("+next\r\n"));
            assertEquals(bytes.length, scanner.wholeLength(in), value);
            in.skipBytes(bytes.length);
            assertEquals("+next\r\n".length(), scanner.wholeLength(in), "what follows " + value);
        }
    }

    @Test
    void refusesWhatIsNoReply() {
        assertTrue(refusal(ascii("PONG\r\n"), false).contains("not a reply"));
        assertTrue(refusal(ascii("$x\r\n"), false).contains("not a length"));
        assertTrue(refusal(ascii("*1048577\r\n"), true).contains("elements"));
        assertTrue(refusal(ascii("$536870913\r\n"), true).contains("too long"));
    }

    /** Each string is within its own limit, and what is announced of the second would be more than is held for one request. */
    @Test
    void refusesARequestThatIsTooLongAsAWholeBeforeItHasCome() {
        CompositeByteBuf in = Unpooled.compositeBuffer(64);
        in.addComponent(true, ascii("*3\r\n$3\r\nSET\r\n$" + RespScanner.MAX_BULK_BYTES + "\r\n"));
        ByteBuf chunk = Unpooled.wrappedBuffer(new byte[CHUNK_BYTES]);
        for (int sent = 0; sent < RespScanner.MAX_BULK_BYTES; sent += CHUNK_BYTES) {
            in.addComponent(true, chunk.retainedDuplicate());
        }
        in.addComponent(true, ascii("\r\n$" + RespScanner.MAX_BULK_BYTES + "\r\n"));
        assertTrue(refusal(in, true).contains("in all"));
    }
}
