package io.pageferry.nbd;

import org.jspecify.annotations.Nullable;

/** What a client can ask for during option haggling (proto.md, "Option types"). */
public enum NbdOption {
    /** Takes the export and begins transmission; the only option without an error reply. */
    EXPORT_NAME(1),
    /** Ends the session politely. */
    ABORT(2),
    /** Lists the exports. */
    LIST(3),
    /** Upgrades to TLS. */
    STARTTLS(5),
    /** Asks about an export. */
    INFO(6),
    /** Asks about an export and begins transmission. */
    GO(7),
    /** Allows structured replies. */
    STRUCTURED_REPLY(8),
    /** Lists the metadata contexts of an export. */
    LIST_META_CONTEXT(9),
    /** Selects the metadata contexts that BLOCK_STATUS will report. */
    SET_META_CONTEXT(10),
    /** Of an experimental extension, which is not supported here. */
    EXTENDED_HEADERS(11);

    private final int code;

    NbdOption(int code) {
        this.code = code;
    }

    /** The number in the option field. */
    public int code() {
        return code;
    }

    /** The option of this number, or null where it is unknown (to be answered with {@link OptionReply#ERR_UNSUP}). */
    public static @Nullable NbdOption of(int code) {
        for (NbdOption option : values()) {
            if (option.code == code) {
                return option;
            }
        }
        return null;
    }

    /** A name for logs and messages, also of unknown numbers. */
    public static String nameOf(int code) {
        NbdOption option = of(code);
        return option == null ? "option " + Integer.toUnsignedString(code) : "NBD_OPT_" + option;
    }
}
