package io.pageferry.benchmarks;

import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Memory to compare; each is reached through a pointer that is read anew for each operation, as programs do. */
public enum MemoryKind {
    /** A partition that has arrived and was switched, registered as an agent registers it. */
    PARTITION_TABLE {
        @Override
        Supplier<MemorySegment> create(long sizeBytes) {
            PageTables tables = PageTables.create("benchmark", sizeBytes);
            Userfaultfd userfaultfd = UserfaultfdFactory.create().userfaultfd();
            for (Table table : Table.values()) {
                userfaultfd.register(tables.address(table), sizeBytes, Userfaultfd.Mode.WRITE_PROTECT);
            }
            tables.pointTo(Table.MIGRATION);
            tables.current().fill((byte) 1);
            tables.populate(Table.PARTITION, tables.all(), true);
            tables.pointTo(Table.PARTITION);
            tables.sweep(tables.all());
            return tables::current;
        }
    },
    /** A memfd, mapped and populated, and nothing else. */
    PLAIN_MEMFD {
        @Override
        Supplier<MemorySegment> create(long sizeBytes) {
            Mapping mapping = Mapping.readWrite(FileCalls.memfd("benchmark", sizeBytes), sizeBytes, Arena.global());
            mapping.segment().fill((byte) 1);
            return new Pointer(mapping.segment());
        }
    },
    /** Native memory as Java allocates it. */
    ANONYMOUS {
        @Override
        Supplier<MemorySegment> create(long sizeBytes) {
            return new Pointer(Arena.global().allocate(sizeBytes, 4096).fill((byte) 1));
        }
    };

    abstract Supplier<MemorySegment> create(long sizeBytes);

    private static final class Pointer implements Supplier<MemorySegment> {
        private volatile MemorySegment current;

        Pointer(MemorySegment segment) {
            this.current = segment;
        }

        @Override
        public MemorySegment get() {
            return current;
        }
    }
}
