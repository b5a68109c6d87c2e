package io.pageferry.server.direct;

import io.pageferry.direct.DirectClient;
import io.pageferry.direct.DirectException;
import io.pageferry.direct.OpenRequest;
import java.nio.file.Path;

/** Opens the space {@code vm} by the direct path, and prints what becomes of it. */
final class VisitorMain {
    private VisitorMain() {}

    public static void main(String[] arguments) {
        try (DirectClient client = DirectClient.connect(Path.of(arguments[0]), new OpenRequest("vm", "", 0))) {
            System.out.println("opened " + client.sizeBytes() + " bytes");
        } catch (DirectException refused) {
            System.out.println(refused.getMessage());
        }
    }
}
