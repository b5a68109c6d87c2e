package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.resp.Decimal;
import io.pageferry.examples.kv.resp.RequestReader;
import io.pageferry.examples.kv.store.KvStore;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** The arguments of one command, the name being the first: ranges of the array they arrived in. */
record Request(RequestReader reader) {
    int count() {
        return reader.count();
    }

    byte[] data() {
        return reader.data();
    }

    int at(int argument) {
        return reader.at(argument);
    }

    int length(int argument) {
        return reader.length(argument);
    }

    /** The record of the key in an argument, 0 if there is none. */
    long find(KvStore store, int argument) {
        return length(argument) > KvStore.MAX_KEY_BYTES ? 0 : store.find(data(), at(argument), length(argument));
    }

    /** Throws unless an argument can be a key. */
    void checkKey(int argument) {
        if (length(argument) > KvStore.MAX_KEY_BYTES) {
            throw new CommandException("ERR key is longer than " + KvStore.MAX_KEY_BYTES + " bytes");
        }
    }

    /** Whether an argument is this word, in upper or lower case. */
    boolean is(int argument, String upperCaseWord) {
        int length = upperCaseWord.length();
        if (length(argument) != length) return false;
        for (int i = 0; i < length; i++) {
            if (upperCase(data()[at(argument) + i]) != upperCaseWord.charAt(i)) return false;
        }
        return true;
    }

    String text(int argument) {
        return new String(data(), at(argument), length(argument), StandardCharsets.UTF_8);
    }

    /** The first bytes of an argument, for an error message. */
    String excerpt(int argument, int maxBytes) {
        return new String(data(), at(argument), Math.min(maxBytes, length(argument)), StandardCharsets.UTF_8);
    }

    long integer(int argument) {
        OptionalLong value = Decimal.read(data(), at(argument), length(argument));
        if (value.isEmpty()) throw CommandException.notAnInteger();
        return value.getAsLong();
    }

    static int upperCase(byte b) {
        return b >= 'a' && b <= 'z' ? b - 32 : b;
    }
}
