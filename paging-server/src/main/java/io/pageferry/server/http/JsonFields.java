package io.pageferry.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a JSON object, read strictly: a number in quotes is not a number, a fraction is not a count, null is not
 * "absent", and a field that nobody knows is an error, since it is most likely a known one misspelt.
 */
public final class JsonFields {
    private final JsonNode object;

    private JsonFields(JsonNode object) {
        this.object = object;
    }

    static JsonFields parse(byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            JsonNode node = Json.read(text);
            if (!node.isObject()) {
                throw ApiException.badRequest(
                        "the body is not a JSON object", "send an object such as {\"name\": \"vm1\"}");
            }
            return new JsonFields(node);
        } catch (CharacterCodingException e) {
            throw ApiException.badRequest("the body is not UTF-8", "send JSON in UTF-8");
        } catch (JacksonException e) {
            throw ApiException.badRequest(
                    "the body is not JSON: " + firstLine(e), "send one JSON object and nothing else");
        }
    }

    private static String firstLine(JacksonException e) {
        String message = e.getOriginalMessage();
        return message == null
                ? "it cannot be parsed"
                : message.lines().findFirst().orElse("it cannot be parsed");
    }

    JsonFields only(String... known) {
        List<String> names = List.of(known);
        for (String name : object.propertyNames()) {
            if (!names.contains(name)) {
                throw ApiException.badRequest(
                        "unknown field \"" + name + "\"", "the fields are: " + String.join(", ", names));
            }
        }
        return this;
    }

    /** A string that must be there. */
    public String string(String name) {
        return optionalString(name).orElseThrow(() -> missing(name, "a string"));
    }

    public boolean has(String name) {
        return object.has(name);
    }

    public Optional<String> optionalString(String name) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw wrongType(name, "a string", value);
        }
        return Optional.of(value.stringValue());
    }

    public Optional<Boolean> optionalBoolean(String name) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw wrongType(name, "true or false", value);
        }
        return Optional.of(value.booleanValue());
    }

    /** A whole number from {@code min} to {@code max} that must be there; {@code what} says what it counts, such as "bytes". */
    public long wholeNumber(String name, String what, long min, long max) {
        return optionalWholeNumber(name, what, min, max).orElseThrow(() -> missing(name, "a whole number of " + what));
    }

    public OptionalLong optionalWholeNumber(String name, String what, long min, long max) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber()) {
            throw wrongType(name, "a whole number of " + what, value);
        }
        if (!value.canConvertToLong() || value.longValue() < min || value.longValue() > max) {
            throw ApiException.badRequest(
                    "\"" + name + "\" is out of range", "give " + min + " to " + max + " " + what);
        }
        return OptionalLong.of(value.longValue());
    }

    /** The fields of an object inside this one, if it is there; these names are all that it may have. */
    public Optional<JsonFields> optionalObject(String name, String... known) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            throw wrongType(name, "an object", value);
        }
        return Optional.of(new JsonFields(value).only(known));
    }

    /** The objects of an array, none where it is absent; {@code known} are the names that each may have. */
    public List<JsonFields> objects(String name, int max, String... known) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > max) {
            throw wrongType(name, "an array of at most " + max + " objects", value);
        }
        List<JsonFields> objects = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isObject()) {
                throw wrongType(name, "an array of objects", element);
            }
            objects.add(new JsonFields(element).only(known));
        }
        return objects;
    }

    /**
     * Figures under names that their sender chooses, if they are there: numbers, texts, true or false, and objects of such,
     * at most 256 in all. The map is nested as the object was, and not to be changed.
     */
    public Optional<Map<String, Object>> optionalFigures(String name) {
        @Nullable JsonNode value = object.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            throw wrongType(name, "an object", value);
        }
        return Optional.of(new Figures().read(name, value));
    }

    private static final class Figures {
        private static final int MAX_FIGURES = 256;
        private static final int MAX_TEXT_CHARACTERS = 1000;
        private static final int MAX_DEPTH = 4;
        private int count;
        private int depth;

        Map<String, Object> read(String name, JsonNode node) {
            Map<String, Object> figures = new LinkedHashMap<>();
            if (++depth > MAX_DEPTH) {
                throw ApiException.badRequest(
                        "\"" + name + "\" is nested too deep", "nest at most " + MAX_DEPTH + " objects");
            }
            node.forEachEntry((key, value) -> figures.put(key, value(key, value)));
            depth--;
            return Collections.unmodifiableMap(figures);
        }

        private Object value(String key, JsonNode value) {
            if (++count > MAX_FIGURES) {
                throw ApiException.badRequest(
                        "there are more than " + MAX_FIGURES + " figures", "send " + MAX_FIGURES + " at most");
            }
            if (value.isObject()) {
                return read(key, value);
            }
            if (value.isNumber()) {
                return value.numberValue();
            }
            if (value.isBoolean()) {
                return value.booleanValue();
            }
            if (value.isString() && value.stringValue().length() <= MAX_TEXT_CHARACTERS) {
                return value.stringValue();
            }
            throw wrongType(key, "a number, a short text, true, false or an object", value);
        }
    }

    private static ApiException missing(String name, String type) {
        return ApiException.badRequest("\"" + name + "\" is missing", "give \"" + name + "\", " + type);
    }

    private static ApiException wrongType(String name, String type, JsonNode value) {
        String found = value.getNodeType().name().toLowerCase(Locale.ROOT);
        return ApiException.badRequest(
                "\"" + name + "\" is not " + type + " (it is " + describe(value, found) + ")",
                value.isNull() ? "leave the field out instead" : "give " + type);
    }

    private static String describe(JsonNode value, String nodeType) {
        return value.isNumber() ? "a number with a fraction" : nodeType.equals("null") ? "null" : "of type " + nodeType;
    }
}
