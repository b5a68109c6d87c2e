package io.pageferry.server.directory;

/** A directory's file does not hold what it should; it is then rebuilt from the space's data. */
final class CorruptDirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CorruptDirectoryException(String message) {
        super(message);
    }
}
