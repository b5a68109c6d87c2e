package io.pageferry.examples.kv.resp;

/**
 * Splits an inline command into words as Redis does: at white space; "double quotes" with escapes; 'single quotes'. A word
 * is unescaped where it stands, since it can only become shorter.
 */
final class InlineSplitter {
    /** Is given each word. */
    interface WordConsumer {
        void word(int at, int lengthBytes);
    }

    private final byte[] line;
    private final int end;
    private int read;
    private int write;

    InlineSplitter(byte[] line, int begin, int end) {
        this.line = line;
        this.read = begin;
        this.end = end;
    }

    void split(WordConsumer consumer) throws ProtocolException {
        while (true) {
            while (read < end && isSpace(line[read])) read++;
            if (read == end) return;
            int at = read;
            write = at;
            word();
            consumer.word(at, write - at);
        }
    }

    private void word() throws ProtocolException {
        while (read < end && !isSpace(line[read])) {
            byte b = line[read];
            if (b == '"' || b == '\'') quoted(b);
            else put(line[read++]);
        }
    }

    private void quoted(byte quote) throws ProtocolException {
        read++;
        while (true) {
            if (read >= end) throw unbalanced();
            byte b = line[read++];
            if (b == quote) break;
            if (b == '\\' && read < end) {
                if (quote == '"') escaped();
                else put(line[read] == '\'' ? line[read++] : b);
            } else {
                put(b);
            }
        }
        if (read < end && !isSpace(line[read])) throw unbalanced();
    }

    private void escaped() {
        byte b = line[read++];
        switch (b) {
            case 'n' -> put((byte) '\n');
            case 'r' -> put((byte) '\r');
            case 't' -> put((byte) '\t');
            case 'b' -> put((byte) '\b');
            case 'a' -> put((byte) 7);
            case 'x' -> hexadecimal();
            default -> put(b);
        }
    }

    private void hexadecimal() {
        int high = read + 1 < end ? Character.digit(line[read], 16) : -1;
        int low = read + 1 < end ? Character.digit(line[read + 1], 16) : -1;
        if (high < 0 || low < 0) {
            put((byte) 'x');
            return;
        }
        put((byte) (high * 16 + low));
        read += 2;
    }

    private void put(byte b) {
        line[write++] = b;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r') || b == 0;
    }

    private static ProtocolException unbalanced() {
        return new ProtocolException("unbalanced quotes in request");
    }
}
