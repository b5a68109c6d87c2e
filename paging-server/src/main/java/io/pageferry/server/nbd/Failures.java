package io.pageferry.server.nbd;

import io.pageferry.linux.Errno;
import io.pageferry.linux.LinuxException;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.SpaceFullException;

/** Which error of the protocol tells a client what went wrong here. */
final class Failures {
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    /** The error to reply with; what nobody expects is logged. */
    static NbdError errorFor(NbdConnection connection, Throwable failure) {
        return switch (failure) {
            case SpaceFullException full -> NbdError.ENOSPC;
            case FencedException fenced -> NbdError.EPERM;
            case LinuxException linux when linux.errno() == Errno.ENOSPC -> NbdError.ENOSPC;
            default -> {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a command on space " + connection.space().name() + " failed",
                        failure);
                yield NbdError.EIO;
            }
        };
    }
}
