package io.pageferry.nbd;

/** The magic numbers (proto.md, "Newstyle negotiation", "Fixed newstyle negotiation", "Transmission"). */
public final class NbdMagic {
    /** The first eight bytes a server sends: ASCII {@code NBDMAGIC}, also known as {@code INIT_PASSWD}. */
    public static final long INIT_PASSWD = 0x4e42444d41474943L;
    /** The second eight bytes of a newstyle server, and the first of every option: ASCII {@code IHAVEOPT}. */
    public static final long I_HAVE_OPT = 0x49484156454f5054L;
    /** The second eight bytes of an oldstyle server ({@code cliserv_magic}), which is not supported here. */
    public static final long OLDSTYLE = 0x0000420281861253L;
    /** Begins every reply to an option. */
    public static final long OPTION_REPLY = 0x0003e889045565a9L;
    /** {@code NBD_REQUEST_MAGIC}. */
    public static final int REQUEST = 0x25609513;
    /** {@code NBD_SIMPLE_REPLY_MAGIC}. */
    public static final int SIMPLE_REPLY = 0x67446698;
    /** {@code NBD_STRUCTURED_REPLY_MAGIC}. */
    public static final int STRUCTURED_REPLY = 0x668e33ef;

    private NbdMagic() {}
}
