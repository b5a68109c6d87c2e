package io.pageferry.examples.kv.resp;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Cuts what a client sends into commands: arrays of bulk strings, or lines. It copies received bytes once, into one array,
 * and the arguments are ranges of that array; so a command costs no objects, and bytes can be held unread for as long as
 * the program rests.
 *
 * <p>See the RESP specification, and the limits of {@link RespLimits}.
 */
public final class RequestReader {
    private static final int USUAL_BYTES = 16 << 10;
    private static final int USUAL_ARGUMENTS = 16;
    private static final int MAX_COUNT_LINE_BYTES = 64;
    private static final int UNKNOWN = -1;

    private byte[] data = new byte[0];
    private int begin; // of the command that is being read
    private int scan; // what is before it has been understood
    private int end;
    private int searched; // no line feed of an inline command is before it
    private int expected = UNKNOWN; // arguments
    private int bulkBytes = UNKNOWN; // of the argument that is being read
    private boolean complete;
    private int count;
    private int[] at = new int[USUAL_ARGUMENTS]; // from begin
    private int[] lengths = new int[USUAL_ARGUMENTS];

    /** Takes all that was received. */
    public void add(ByteBuf received) {
        int more = received.readableBytes();
        makeRoom(more);
        received.readBytes(data, end, more);
        end += more;
    }

    /** How much memory this holds, in bytes. */
    public int heldBytes() {
        return data.length + (at.length + lengths.length) * Integer.BYTES;
    }

    /** How many bytes of commands wait here. */
    public int waitingBytes() {
        return end - (complete ? scan : begin);
    }

    /**
     * Goes on to the next command. Its arguments are valid until the next call of this or of {@link #add}.
     *
     * @return false if it has not arrived yet
     */
    public boolean next() throws ProtocolException {
        if (complete) forget();
        while (expected == UNKNOWN) {
            if (begin == end) return rest();
            boolean known = data[begin] == '*' ? readCount() : readInline();
            if (!known) return false;
        }
        while (count < expected) {
            if (!readArgument()) return false;
        }
        complete = true;
        return true;
    }

    public int count() {
        return count;
    }

    /** The array that the arguments are ranges of. */
    public byte[] data() {
        return data;
    }

    public int at(int argument) {
        return begin + at[argument];
    }

    public int length(int argument) {
        return lengths[argument];
    }

    private void forget() {
        begin = scan;
        searched = scan;
        complete = false;
        expected = UNKNOWN;
        bulkBytes = UNKNOWN;
        count = 0;
        if (at.length > USUAL_ARGUMENTS * 64) {
            at = new int[USUAL_ARGUMENTS];
            lengths = new int[USUAL_ARGUMENTS];
        }
    }

    private boolean rest() {
        begin = scan = searched = end = 0;
        if (data.length > USUAL_BYTES) data = new byte[0];
        return false;
    }

    private void makeRoom(int more) {
        if (data.length - end >= more) return;
        if (complete) forget();
        int kept = end - begin;
        byte[] target = data;
        if (kept + more > data.length) {
            target = new byte[Math.max(USUAL_BYTES, Math.max(kept + more, (int) Math.min(2L * kept, MAX_ARRAY_BYTES)))];
        }
        System.arraycopy(data, begin, target, 0, kept);
        data = target;
        scan -= begin;
        searched -= begin;
        end = kept;
        begin = 0;
    }

    private boolean readCount() throws ProtocolException {
        int lineEnd = countLine("too big mbulk count string");
        if (lineEnd < 0) return false;
        long arguments = number(scan + 1, lineEnd);
        if (arguments > RespLimits.MAX_ARGUMENTS) throw new ProtocolException("invalid multibulk length");
        scan = lineEnd + 2;
        if (arguments <= 0) {
            if (arguments == INVALID) throw new ProtocolException("invalid multibulk length");
            begin = searched = scan;
        } else {
            expected = (int) arguments;
        }
        return true;
    }

    private boolean readArgument() throws ProtocolException {
        if (bulkBytes == UNKNOWN) {
            if (scan == end) return false;
            if (data[scan] != '$') throw new ProtocolException("expected '$', got '" + printable(data[scan]) + "'");
            int lineEnd = countLine("too big bulk count string");
            if (lineEnd < 0) return false;
            long length = number(scan + 1, lineEnd);
            if (length < 0 || length > RespLimits.MAX_BULK_BYTES) throw new ProtocolException("invalid bulk length");
            scan = lineEnd + 2;
            if (scan - begin + length > RespLimits.MAX_REQUEST_BYTES) throw new ProtocolException("too big request");
            bulkBytes = (int) length;
        }
        if (end - scan < bulkBytes + 2) return false;
        addArgument(scan, bulkBytes);
        scan += bulkBytes + 2;
        bulkBytes = UNKNOWN;
        return true;
    }

    private boolean readInline() throws ProtocolException {
        int lineEnd = Math.max(searched, begin);
        while (lineEnd < end && data[lineEnd] != '\n') lineEnd++;
        searched = lineEnd;
        if (lineEnd - begin > RespLimits.MAX_INLINE_BYTES) throw new ProtocolException("too big inline request");
        if (lineEnd == end) return false;
        new InlineSplitter(data, begin, lineEnd).split(this::addArgument);
        scan = lineEnd + 1;
        if (count == 0) begin = searched = scan;
        else expected = count;
        return true;
    }

    /** The end of the line at {@code scan}, before its CR LF; negative if it has not arrived yet. */
    private int countLine(String ifTooLong) throws ProtocolException {
        int limit = Math.min(end, scan + MAX_COUNT_LINE_BYTES);
        for (int i = scan; i < limit; i++) {
            if (data[i] == '\r') return i + 1 < end ? i : UNKNOWN;
        }
        if (limit < end) throw new ProtocolException(ifTooLong);
        return UNKNOWN;
    }

    private static final long INVALID = Long.MIN_VALUE;
    private static final int MAX_ARRAY_BYTES = RespLimits.MAX_REQUEST_BYTES + RespLimits.MAX_BULK_BYTES;

    private long number(int from, int to) {
        boolean negative = from < to && data[from] == '-';
        int first = negative ? from + 1 : from;
        if (first == to || to - first > 18) return INVALID;
        long value = 0;
        for (int i = first; i < to; i++) {
            int digit = data[i] - '0';
            if (digit < 0 || digit > 9) return INVALID;
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    private void addArgument(int from, int lengthBytes) {
        if (count == at.length) {
            at = Arrays.copyOf(at, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        at[count] = from - begin;
        lengths[count++] = lengthBytes;
    }

    private static char printable(byte b) {
        return b >= ' ' && b < 127 ? (char) b : '?';
    }
}
