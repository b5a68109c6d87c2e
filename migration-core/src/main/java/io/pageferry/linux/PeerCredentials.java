package io.pageferry.linux;

/** Who is at the other end of a Unix socket, as the kernel noted it at connect time ({@code SO_PEERCRED}). */
public record PeerCredentials(int processId, int userId, int groupId) {
    /** The user that the calling process acts as. */
    public static int ownUserId() {
        return (int) Kernel.require(SystemCall.GETEUID, 0, 0, 0);
    }
}
