package io.pageferry.manifest;

/** A manifest is whole, and of another hand-over than the one that brings the partition here; nothing is read by it. */
public final class WrongGenerationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WrongGenerationException(ManifestHeader header) {
        super("the manifest of " + header.partition() + " in the paging space is of generation " + header.generation()
                + ", which is not that of the commit: the space holds an older or another image");
    }
}
