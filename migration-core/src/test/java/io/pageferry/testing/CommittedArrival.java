package io.pageferry.testing;

import io.pageferry.migration.TargetControl;

/** What coordinates an arrival that is the target's already: nobody waits for a word of it. */
public final class CommittedArrival implements TargetControl {
    @Override
    public boolean awaitCommit(long timeoutMs) {
        return true;
    }

    @Override
    public boolean isSwitching() {
        return false;
    }

    @Override
    public boolean isToVerify() {
        return false;
    }

    @Override
    public boolean isCommitted(long generation) {
        return true;
    }

    @Override
    public void verified() {}

    @Override
    public void resumed() {}

    @Override
    public void publish() {}
}
