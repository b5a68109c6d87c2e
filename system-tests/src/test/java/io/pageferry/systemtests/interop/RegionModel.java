package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a region holds, and what it may hold after a crash. Bytes and offsets are those of the region. */
final class RegionModel {
    /** A command that gives a range this content; commands are numbered in their order. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Change(int number, int at, byte[] content) {}

    private final byte[] current;
    private final byte[] durable;
    /** For each byte, the number of the change that made it durable. */
    private final int[] durableSince;

    private final List<Change> unflushed = new ArrayList<>();
    private int changes;

    RegionModel(int sizeBytes) {
        current = new byte[sizeBytes];
        durable = new byte[sizeBytes];
        durableSince = new int[sizeBytes];
    }

    synchronized Change change(int at, byte[] content) {
        Change change = new Change(++changes, at, content);
        System.arraycopy(content, 0, current, at, content.length);
        unflushed.add(change);
        return change;
    }

    synchronized byte[] current(int at, int length) {
        return Arrays.copyOfRange(current, at, at + length);
    }

    /** A change is durable, and so are the bytes of it that no later one took the place of. */
    synchronized void durable(Change change) {
        for (int i = 0; i < change.content().length; i++) {
            int at = change.at() + i;
            if (durableSince[at] < change.number()) {
                durable[at] = change.content()[i];
                durableSince[at] = change.number();
            }
        }
    }

    /** Everything is durable. */
    synchronized void flushed() {
        System.arraycopy(current, 0, durable, 0, current.length);
        unflushed.clear();
        Arrays.fill(durableSince, changes);
    }

    /** Checks each byte that a crash left, and takes it for what the region holds. */
    synchronized void adopt(byte[] found, long start) {
        boolean[] explained = new boolean[found.length];
        for (int at = 0; at < found.length; at++) {
            explained[at] = found[at] == durable[at];
        }
        for (Change change : unflushed) {
            for (int i = 0; i < change.content().length; i++) {
                int at = change.at() + i;
                if (change.number() > durableSince[at] && found[at] == change.content()[i]) {
                    explained[at] = true;
                }
            }
        }
        for (int at = 0; at < found.length; at++) {
            if (!explained[at]) {
                assertThat(found[at])
                        .as("byte %d is neither what was durable nor anything written later", start + at)
                        .isEqualTo(durable[at]);
            }
        }
        System.arraycopy(found, 0, current, 0, found.length);
    }
}
