package io.pageferry.examples.kv;

import io.pageferry.examples.kv.store.KvStore;
import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.Program;

/**
 * The store as a program in a partition. All its state is in the memory; what it hands over beside it is one byte, that
 * there is a store.
 */
final class KvProgram implements Program {
    private static final byte STATE_VERSION = 1;

    private final KvServer server;

    KvProgram(KvServer server) {
        this.server = server;
    }

    @Override
    public void resume(PartitionMemory memory, byte[] state) {
        if (state.length > 0 && (state.length != 1 || state[0] != STATE_VERSION)) {
            throw new IllegalArgumentException("an execution state that this store did not write");
        }
        boolean isNew = state.length == 0 && KvStore.isBlank(memory);
        server.resume(isNew ? KvStore.format(memory) : KvStore.open(memory));
    }

    @Override
    public byte[] quiesce() {
        server.quiesce();
        return new byte[] {STATE_VERSION};
    }

    @Override
    public void departed() {
        server.depart();
    }
}
