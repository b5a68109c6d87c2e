package io.pageferry.attach;

import java.util.Locale;

/** Where a program is in its life; what it says when it attaches, and what its agent keeps of it. */
public enum ProgramState {
    /** Has never run: waits to be started on empty memory. */
    NEW,
    /** Waits for a partition to arrive. */
    INCOMING,
    RUNNING,
    /** Has come to rest and holds its execution state. */
    QUIESCED,
    /** Its partition runs elsewhere. */
    DEPARTED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ProgramState ofWord(String word) {
        for (ProgramState state : values()) {
            if (state.word().equals(word)) return state;
        }
        throw new ProtocolException("not a program's state: '" + Message.printable(word) + "'");
    }
}
