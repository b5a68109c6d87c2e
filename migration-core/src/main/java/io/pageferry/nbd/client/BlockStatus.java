package io.pageferry.nbd.client;

import java.util.List;
import java.util.Map;

/**
 * The answer to a BLOCK_STATUS request (proto.md, {@code NBD_CMD_BLOCK_STATUS}).
 *
 * @param byContext for each selected metadata context its extents: consecutive from the offset asked for, at least one;
 *     they may end before the range that was asked for, and the last may reach beyond it
 */
public record BlockStatus(Map<String, List<Extent>> byContext) {
    /** The extents of a context; throws {@link IllegalArgumentException} where the server does not offer it. */
    public List<Extent> extents(String context) {
        List<Extent> extents = byContext.get(context);
        if (extents == null) {
            throw new IllegalArgumentException("the server does not offer " + context + ", only " + byContext.keySet());
        }
        return extents;
    }
}
