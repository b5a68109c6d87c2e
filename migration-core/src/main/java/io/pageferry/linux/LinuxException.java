package io.pageferry.linux;

import java.util.Locale;

/** A system call that failed in a way that is no part of normal life: names the call, its arguments and the errno. */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    public LinuxException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** The error number, one of {@link Errno} or another of {@code errno.h}; 0 where no call failed. */
    public int errno() {
        return errno;
    }

    static LinuxException of(SystemCall call, long negativeErrno, long... arguments) {
        StringBuilder text = new StringBuilder(call.name().toLowerCase(Locale.ROOT)).append('(');
        for (int i = 0; i < arguments.length; i++) {
            text.append(i == 0 ? "" : ", ");
            text.append(
                    Math.abs(arguments[i]) < 4096
                            ? Long.toString(arguments[i])
                            : "0x" + Long.toHexString(arguments[i]));
        }
        int errno = (int) -negativeErrno;
        return new LinuxException(text.append("): ").append(Errno.text(errno)).toString(), errno);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
