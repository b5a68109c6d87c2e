package io.pageferry.examples.kv.command;

/** The conditions of EXPIRE: NX, XX, GT, LT. */
final class ExpireCondition {
    private ExpireCondition() {}

    /**
     * @param oldMs the deadline now, -1 if there is none, which counts as never
     * @param newMs the deadline asked for
     */
    static boolean holds(Request request, long oldMs, long newMs) {
        boolean holds = true;
        boolean absentAsked = false;
        boolean otherAsked = false;
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "NX")) {
                absentAsked = true;
                holds &= oldMs < 0;
            } else {
                otherAsked = true;
                holds &= other(request, i, oldMs, newMs);
            }
        }
        if (absentAsked && otherAsked) {
            throw new CommandException("ERR NX and XX, GT or LT options at the same time are not compatible");
        }
        return holds;
    }

    private static boolean other(Request request, int option, long oldMs, long newMs) {
        if (request.is(option, "XX")) return oldMs >= 0;
        if (request.is(option, "GT")) return oldMs >= 0 && newMs > oldMs;
        if (request.is(option, "LT")) return oldMs < 0 || newMs < oldMs;
        throw new CommandException("ERR Unsupported option " + request.excerpt(option, 32));
    }
}
