package io.pageferry.server.nbd;

import io.pageferry.nbd.OptionReply;
import io.pageferry.server.pool.Pool;
import io.pageferry.server.pool.PoolException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds what an export name leads to. Blocks; not for event loops. */
final class Exports {
    private final Pool pool;
    private final String identity;
    private final WriteRights rights;

    Exports(Pool pool, UUID identity, WriteRights rights) {
        this.pool = pool;
        this.identity = identity.toString();
        this.rights = rights;
    }

    List<Pool.SpaceInfo> list() {
        return pool.list();
    }

    /** The export, acquired. @throws ExportRefusedException with the reply to send */
    Export open(String requested) {
        ExportName name = parse(requested);
        requireThisServer(name);
        String spaceName = name.space().isEmpty() ? defaultSpace() : name.space();
        if (!pool.exists(spaceName)) {
            throw unknown(spaceName);
        }
        boolean writable = mayWrite(spaceName, name.leaseToken());
        try {
            return new Export(pool.acquire(spaceName), writable, name.leaseToken(), name.since());
        } catch (PoolException e) {
            throw unknown(spaceName);
        }
    }

    private static ExportName parse(String requested) {
        try {
            return ExportName.parse(requested);
        } catch (IllegalArgumentException e) {
            throw new ExportRefusedException(
                    OptionReply.ERR_UNKNOWN,
                    e.getMessage() + ": ask for NAME, NAME;lease=TOKEN, NAME;since=SEQUENCE or NAME;server=ID");
        }
    }

    private void requireThisServer(ExportName name) {
        if (name.server() == null || name.server().equals(identity)) return;
        throw new ExportRefusedException(
                OptionReply.ERR_UNKNOWN,
                "this is paging server " + identity + ", and not " + name.server() + ": connect to that one");
    }

    private boolean mayWrite(String space, @Nullable String token) {
        return switch (rights.of(space, token)) {
            case WRITE -> true;
            case READ -> false;
            case REFUSED ->
                throw new ExportRefusedException(
                        OptionReply.ERR_POLICY,
                        "the lease token is not the current one of space '" + space + "': acquire the lease, or open '"
                                + space + "' alone to read");
        };
    }

    /** The default export is the only space, where there is but one. */
    private String defaultSpace() {
        List<Pool.SpaceInfo> spaces = pool.list();
        if (spaces.size() == 1) {
            return spaces.getFirst().name();
        }
        throw new ExportRefusedException(
                OptionReply.ERR_UNKNOWN,
                "there are " + spaces.size() + " spaces: name one as the export (NBD_OPT_LIST lists them)");
    }

    private static ExportRefusedException unknown(String space) {
        return new ExportRefusedException(
                OptionReply.ERR_UNKNOWN, "there is no space '" + space + "' here: create it first");
    }
}
