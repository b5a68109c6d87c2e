package io.pageferry.attach;

/** The program could not do what its agent asked; the message is the program's own. */
public final class ProgramFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ProgramFailedException(String message) {
        super(message);
    }
}
