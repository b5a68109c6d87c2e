package io.pageferry.linux;

/** The release of the running kernel, such as {@code 6.18.2}. */
public final class KernelVersion {
    private KernelVersion() {}

    public static String release() {
        return System.getProperty("os.version", "unknown");
    }
}
