package io.pageferry.server.pool;

/** Says, inside a space's gate, whether whoever changes it may still do so. */
@FunctionalInterface
public interface WriteGuard {
    /** For who cannot be fenced. */
    WriteGuard ALLOWED = () -> {};

    /** Asks. @throws RuntimeException if not; the change stops where it is */
    void check();
}
