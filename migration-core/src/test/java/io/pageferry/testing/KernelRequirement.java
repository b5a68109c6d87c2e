package io.pageferry.testing;

import io.pageferry.linux.LinuxException;
import io.pageferry.linux.UserfaultfdFactory;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine it runs on. Where it is missing, the test fails if the environment says {@code CI=true},
 * and is aborted with the reason elsewhere: never passed by.
 */
public final class KernelRequirement {
    private KernelRequirement() {}

    /** A userfaultfd with asynchronous write protection, for faults of user code at least. */
    public static void userfaultfd() {
        create(false);
    }

    /** A userfaultfd that also serves faults inside system calls, such as reading a file into missing pages. */
    public static void fullUserfaultfd() {
        create(true);
    }

    /** Fails or aborts the test, as this class says, because something is missing. */
    public static void missing(String reason) {
        if ("true".equals(System.getenv("CI"))) Assertions.fail("CI=true, and " + reason);
        Assumptions.abort(reason);
    }

    private static void create(boolean full) {
        try {
            UserfaultfdFactory.Created created = UserfaultfdFactory.create();
            created.userfaultfd().close();
            if (full && created.userModeOnly()) {
                missing("this process may create a userfaultfd for user-mode faults only");
            }
        } catch (LinuxException refused) {
            missing(String.valueOf(refused.getMessage()));
        }
    }
}
