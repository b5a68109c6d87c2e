package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.KernelRequirement;
import org.junit.jupiter.api.Test;

class UserfaultfdFactoryTest {
    @Test
    void oneIsCreatedWithEveryFeature() {
        KernelRequirement.userfaultfd();
        UserfaultfdFactory.Created created = UserfaultfdFactory.create();
        assertThat(created.userfaultfd().descriptor().isOpen()).isTrue();
        created.userfaultfd().close();
    }

    @Test
    void aRefusalSaysWhichPermissionIsMissingAndHowToGrantIt() {
        assertThat(UserfaultfdFactory.notPermitted(Errno.EPERM))
                .hasMessageContaining("EPERM")
                .hasMessageContaining("sysctl vm.unprivileged_userfaultfd=1")
                .hasMessageContaining("/dev/userfaultfd")
                .hasMessageContaining("CAP_SYS_PTRACE")
                .hasMessageContaining("seccomp");
    }

    @Test
    void anOldKernelIsNamedWithItsVersion() {
        assertThat(UserfaultfdFactory.tooOld("5.15.0", "has no asynchronous write protection"))
                .hasMessage(
                        "this kernel (5.15.0) has no asynchronous write protection; Pageferry needs Linux 6.7 or newer");
    }
}
