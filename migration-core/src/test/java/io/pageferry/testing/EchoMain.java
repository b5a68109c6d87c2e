package io.pageferry.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A child that says each line back, for the test of {@link ChildJvm}. */
final class EchoMain {
    private EchoMain() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("arguments " + String.join(" ", arguments));
        System.err.println("an error stream");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("exit")) System.exit(3);
            System.out.println(line);
        }
    }
}
