/** How often pages are used, and the order of a migration that follows from it (US8984240B2). */
@NullMarked
package io.pageferry.heat;

import org.jspecify.annotations.NullMarked;
