package io.pageferry.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A path such as {@code /v1/spaces/{name}/lease}: a segment in braces stands for any one segment, and names it. */
public record PathPattern(String text, List<String> segments) {
    public static PathPattern of(String text) {
        return new PathPattern(text, split(text));
    }

    /** The values of the named segments, decoded, if {@code rawPath} (as it stands in the request line) has this shape. */
    Optional<Map<String, String>> match(String rawPath) {
        List<String> actual = split(rawPath);
        if (actual.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < segments.size(); i++) {
            String expected = segments.get(i);
            if (expected.startsWith("{") && !actual.get(i).isEmpty()) {
                variables.put(expected.substring(1, expected.length() - 1), decode(actual.get(i)));
            } else if (!expected.equals(actual.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }

    // Splits before it decodes: an encoded slash belongs to its segment.
    private static List<String> split(String path) {
        return Arrays.asList(path.split("/", -1));
    }

    private static String decode(String segment) {
        // A plus means a space in a form, not in a path.
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
