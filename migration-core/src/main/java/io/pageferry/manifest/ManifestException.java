package io.pageferry.manifest;

/** A manifest is not what it should be; nothing is read by it. */
public final class ManifestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ManifestException(String message) {
        super(message);
    }
}
