package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.page.PageSet;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Whether this kernel reports pages whose page table itself is absent as not armed, as newer ones do (fs/proc/task_mmu.c,
 * pagemap_scan_pte_hole). Where it does not, tracking takes a second scan, which costs more than the first. The kernel is asked
 * once in a process, with 4 MiB of its own memory that is never touched; where it will not say, it counts as one that does not.
 */
final class AbsentTables {
    private static final Logger LOG = System.getLogger(AbsentTables.class.getName());
    private static final long ASKED_BYTES = 2 * Mapping.HUGE_BYTES;

    private static final class Here {
        static final boolean REPORTED = ask();
    }

    private AbsentTables() {}

    static boolean areReported() {
        return Here.REPORTED;
    }

    private static boolean ask() {
        try (Descriptor memfd = FileCalls.memfd("pageferry-absent-tables", ASKED_BYTES);
                Descriptor userfaultfd =
                        UserfaultfdFactory.create().userfaultfd().descriptor();
                Pagemap pagemap = Pagemap.owning(Pagemap.openOwn());
                Arena arena = Arena.ofConfined()) {
            Mapping untouched = Mapping.readWrite(memfd, ASKED_BYTES, arena);
            Userfaultfd own = Userfaultfd.owning(userfaultfd);
            own.register(untouched.address(), ASKED_BYTES, Userfaultfd.Mode.WRITE_PROTECT);
            long pageCount = ASKED_BYTES >>> TrackedMemory.PAGE_SHIFT;
            PageSet found = new PageSet(pageCount);
            TrackedMemory memory = new TrackedMemory(own, pagemap, List.of(untouched.address()), pageCount);
            new PageTableScan(memory).addMatches(WriteTracker.UNARMED, found);
            return found.size() == pageCount;
        } catch (LinuxException noAnswer) {
            LOG.log(Level.DEBUG, "absent page tables are looked for by themselves: {0}", noAnswer.getMessage());
            return false;
        }
    }
}
