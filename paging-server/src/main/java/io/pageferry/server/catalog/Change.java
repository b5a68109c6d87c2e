package io.pageferry.server.catalog;

import java.nio.charset.StandardCharsets;

/**
 * One change of one record. Records are UTF-8 bytes (JSON) under keys such as {@code space/NAME}; several changes are
 * committed together as one atomic, durable step.
 */
public sealed interface Change {
    String key();

    /** Sets a record, whether or not it was there. */
    @SuppressWarnings("ArrayRecordComponent") // changes are passed on, never compared
    record Put(String key, byte[] value) implements Change {}

    /** Removes a record; nothing happens where there is none. */
    record Remove(String key) implements Change {}

    static Change put(String key, byte[] value) {
        return new Put(key, value);
    }

    static Change put(String key, String value) {
        return new Put(key, value.getBytes(StandardCharsets.UTF_8));
    }

    static Change remove(String key) {
        return new Remove(key);
    }
}
