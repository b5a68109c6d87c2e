package io.pageferry.examples.kv.command;

import io.pageferry.examples.kv.store.Expiry;

/** What may follow key and value in SET. */
record SetOptions(Expiry expiry, boolean onlyIfAbsent, boolean onlyIfPresent, boolean returnsOld) {
    private static final SetOptions PLAIN = new SetOptions(Expiry.NONE, false, false, false);
    private static final int FIRST = 3;

    boolean needsOld() {
        return onlyIfAbsent || onlyIfPresent || returnsOld;
    }

    static SetOptions parse(long nowMs, Request request) {
        if (request.count() == FIRST) return PLAIN;
        Expiry expiry = Expiry.NONE;
        boolean absent = false;
        boolean present = false;
        boolean old = false;
        for (int i = FIRST; i < request.count(); i++) {
            if (request.is(i, "NX")) {
                absent = true;
            } else if (request.is(i, "XX")) {
                present = true;
            } else if (request.is(i, "GET")) {
                old = true;
            } else if (expiry.mode() != Expiry.Mode.NONE) {
                throw CommandException.syntax();
            } else if (request.is(i, "KEEPTTL")) {
                expiry = Expiry.KEEP;
            } else {
                expiry = deadline(nowMs, request, i++);
            }
        }
        if (absent && present) throw CommandException.syntax();
        return new SetOptions(expiry, absent, present, old);
    }

    private static Expiry deadline(long nowMs, Request request, int option) {
        boolean seconds = request.is(option, "EX") || request.is(option, "EXAT");
        boolean absolute = request.is(option, "EXAT") || request.is(option, "PXAT");
        boolean known = seconds || absolute || request.is(option, "PX");
        if (!known || option + 1 == request.count()) throw CommandException.syntax();
        long value = request.integer(option + 1);
        long timeMs = Times.absoluteMs(value, seconds, absolute ? 0 : nowMs);
        if (value <= 0 || timeMs < 0) throw new CommandException("ERR invalid expire time in 'set' command");
        return Expiry.at(timeMs);
    }
}
