package io.pageferry.examples.kv.command;

/** A command cannot be done; the message is the error that the client gets, from its code on. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        // Clients cause these at will: no stack.
        super(message, null, false, false);
    }

    static CommandException syntax() {
        return new CommandException("ERR syntax error");
    }

    static CommandException notAnInteger() {
        return new CommandException("ERR value is not an integer or out of range");
    }
}
