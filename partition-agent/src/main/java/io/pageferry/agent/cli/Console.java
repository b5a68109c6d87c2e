package io.pageferry.agent.cli;

import io.pageferry.agent.control.Answer;
import java.io.PrintWriter;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Where a command shows what came of it: as JSON, exactly as the API answered, or as text for people. */
final class Console {
    private final PrintWriter out;
    private final boolean json;

    Console(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** The answer's own JSON, or what {@code text} makes of it, line by line. */
    void show(Answer answer, Function<JsonNode, Iterable<String>> text) {
        if (json) {
            out.print(answer.body());
        } else {
            text.apply(answer.json()).forEach(out::println);
        }
        out.flush();
    }

    /** This JSON in one line, or the text. */
    void show(JsonNode value, Iterable<String> text) {
        if (json) {
            out.println(value);
        } else {
            text.forEach(out::println);
        }
        out.flush();
    }
}
