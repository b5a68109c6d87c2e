package io.pageferry.examples.kv.command;

/**
 * The conditions of EXPIRE.
 *
 * @param absent NX: only if there is no deadline
 * @param present XX: only if there is one
 * @param later GT: only if the new one is later
 * @param earlier LT: only if it is earlier
 */
record ExpireCondition(boolean absent, boolean present, boolean later, boolean earlier) {
    private static final int FIRST = 3;

    /** Reads them; throws where one is not known, or two contradict each other, whether or not there is such a key. */
    static ExpireCondition parse(Request request) {
        boolean absent = false;
        boolean present = false;
        boolean later = false;
        boolean earlier = false;
        for (int i = FIRST; i < request.count(); i++) {
            if (request.is(i, "NX")) absent = true;
            else if (request.is(i, "XX")) present = true;
            else if (request.is(i, "GT")) later = true;
            else if (request.is(i, "LT")) earlier = true;
            else throw new CommandException("ERR Unsupported option " + request.excerpt(i, 32));
        }
        if (absent && (present || later || earlier)) {
            throw new CommandException("ERR NX and XX, GT or LT options at the same time are not compatible");
        }
        if (later && earlier) throw new CommandException("ERR GT and LT options at the same time are not compatible");
        return new ExpireCondition(absent, present, later, earlier);
    }

    /**
     * @param oldMs the deadline now, -1 if there is none, which counts as never
     * @param newMs the deadline asked for
     */
    boolean holds(long oldMs, long newMs) {
        boolean has = oldMs >= 0;
        if ((absent && has) || (present && !has)) return false;
        if (later && !(has && newMs > oldMs)) return false;
        return !earlier || !has || newMs < oldMs;
    }
}
