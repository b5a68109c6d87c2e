package io.pageferry.agent;

/** Whether the target has compared what it holds, which the source waits for before it switches over. */
enum Verification {
    NONE,
    /** The source waits for it. */
    ASKED,
    /** All that the target holds matches the manifest. */
    PASSED;

    static Verification ofWord(String word) {
        return switch (word) {
            case "asked" -> ASKED;
            case "passed" -> PASSED;
            default -> NONE;
        };
    }
}
