/** Tests of the catalog. */
@NullMarked
package io.pageferry.server.catalog;

import org.jspecify.annotations.NullMarked;
