/** The direct path's server: hands the descriptors of spaces to agents of this host, and learns from them what they wrote. */
@NullMarked
package io.pageferry.server.direct;

import org.jspecify.annotations.NullMarked;
