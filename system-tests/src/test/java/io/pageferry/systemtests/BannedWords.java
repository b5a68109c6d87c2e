package io.pageferry.systemtests;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Words that the project does without, each with what to write instead. They are spelt in halves, so that this file has none. */
enum BannedWords {
    ALLOW("white" + "list(s|ed|ing)?", "allowlist"),
    DENY("black" + "list(s|ed|ing)?", "denylist"),
    LEADER("mas" + "ter(s)?", "source, primary or leader"),
    FOLLOWER("sla" + "ve(s)?", "target, replica or follower"),
    LATER("TO" + "DO", "the thing itself, now"),
    BROKEN("FIX" + "ME", "the repair, now"),
    MARKER("X" + "XX", "a sentence that says what is meant"),
    CHECK("san" + "ity", "check or validity"),
    PLACEHOLDER("dum" + "my", "placeholder"),
    PERSON("man" + "[ -]hours?", "hours of work");

    private static final Pattern ADDRESS = Pattern.compile("https?://\\S+");

    private final Pattern pattern;
    private final String instead;

    BannedWords(String pattern, String instead) {
        this.pattern = Pattern.compile("\\b" + pattern + "\\b", Pattern.CASE_INSENSITIVE);
        this.instead = instead;
    }

    /** One sentence for each banned word in {@code line}; addresses of other people's pages are theirs to choose. */
    static Stream<String> in(String line) {
        String ownWords = ADDRESS.matcher(line).replaceAll("");
        return List.of(values()).stream()
                .filter(word -> word.pattern.matcher(ownWords).find())
                .map(word -> "has \"" + word.pattern.pattern().replace("\\b", "") + "\": write " + word.instead);
    }
}
