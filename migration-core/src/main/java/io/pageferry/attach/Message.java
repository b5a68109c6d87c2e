package io.pageferry.attach;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of the attach protocol: a verb and {@code key=value} fields, separated by single spaces. Values are
 * percent-encoded UTF-8, a space as {@code +} or {@code %20}. Not to be changed once built.
 */
public final class Message {
    /** The longest line, its newline included, in bytes. */
    public static final int MAX_LINE_BYTES = 4096;

    private static final int RESERVED_BYTES = 64; // for the fields that are added when a message is sent

    private final String verb;
    private final Map<String, String> fields = new LinkedHashMap<>();

    private Message(String verb) {
        this.verb = verb;
    }

    /** A message without fields; {@link #with} adds them. */
    public static Message of(String verb) {
        if (!verb.matches("[a-z][a-z-]{0,31}")) throw new ProtocolException("not a verb: '" + printable(verb) + "'");
        return new Message(verb);
    }

    /** This message with a text for people, cut where the line would become too long. */
    public Message withReason(String text) {
        String reason = text;
        Message whole = with("reason", reason);
        while (whole.line().length() > MAX_LINE_BYTES - RESERVED_BYTES) {
            reason = reason.substring(0, reason.length() / 2);
            whole = with("reason", reason + "...");
        }
        return whole;
    }

    /** This message with one more field. */
    public Message with(String key, Object value) {
        Message copy = new Message(verb);
        copy.fields.putAll(fields);
        copy.fields.put(key, value.toString());
        return copy;
    }

    /** Reads a line without its newline. */
    public static Message parse(String line) {
        String[] words = line.split(" ", -1);
        Message message = of(words[0]);
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 1) throw new ProtocolException("not a key=value field: '" + printable(words[i]) + "'");
            String key = words[i].substring(0, equals);
            if (message.fields.put(key, decode(words[i].substring(equals + 1))) != null) {
                throw new ProtocolException("field given twice: '" + printable(key) + "'");
            }
        }
        return message;
    }

    public String verb() {
        return verb;
    }

    public boolean has(String key) {
        return fields.containsKey(key);
    }

    public String text(String key) {
        String value = fields.get(key);
        if (value == null) throw new ProtocolException(verb + " lacks the field '" + key + "'");
        return value;
    }

    /** A field that is a whole number, decimal or hexadecimal with {@code 0x}. */
    public long number(String key) {
        try {
            return Long.decode(text(key));
        } catch (NumberFormatException malformed) {
            throw new ProtocolException(verb + ": '" + key + "' is not a number: '" + printable(text(key)) + "'");
        }
    }

    public long number(String key, long absent) {
        return has(key) ? number(key) : absent;
    }

    /** The line, with its newline. */
    byte[] toBytes() {
        byte[] bytes = line().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_LINE_BYTES) {
            throw new ProtocolException(verb + " is longer than " + MAX_LINE_BYTES + " bytes");
        }
        return bytes;
    }

    private String line() {
        StringBuilder line = new StringBuilder(verb);
        fields.forEach((key, value) -> line.append(' ').append(key).append('=').append(encode(value)));
        return line.append('\n').toString();
    }

    @Override
    public String toString() {
        return verb + fields;
    }

    static String printable(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String decode(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new ProtocolException("not percent-encoded: '" + printable(value) + "'");
        }
    }
}
