package io.pageferry.agent.control;

/** A request that was not carried out; the message is one line for a person. */
public sealed class ControlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ControlException(String message) {
        super(message);
    }

    /** The server refused, and changed nothing. */
    public static final class Refused extends ControlException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String error;
        private final String hint;

        Refused(int status, String error, String hint) {
            super(hint.isEmpty() ? error : error + " (" + hint + ")");
            this.status = status;
            this.error = error;
            this.hint = hint;
        }

        /** The HTTP status, 400 or more: 404 for what does not exist, 409 for what the present state does not allow. */
        public int status() {
            return status;
        }

        /** What is wrong. */
        public String error() {
            return error;
        }

        /** What to do about it. */
        public String hint() {
            return hint;
        }
    }

    /** No answer came. Whether the request was carried out is not known, unless {@link #neverSent}. */
    public static final class Unreachable extends ControlException {
        private static final long serialVersionUID = 1L;

        private final boolean neverSent;

        /**
         * An answer that did not come.
         *
         * @param neverSent whether no connection was made
         */
        public Unreachable(String message, boolean neverSent) {
            super(message);
            this.neverSent = neverSent;
        }

        /** Whether no connection was made, so that nothing can have been done. */
        public boolean neverSent() {
            return neverSent;
        }
    }
}
