package io.pageferry.examples.kv.command;

/**
 * Redis' patterns: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, and a backslash before a character that stands for itself. It
 * goes back only to the last star, so that no pattern takes more than pattern times text.
 */
final class Glob {
    private final byte[] pattern;
    private final int from;
    private final int to;

    Glob(byte[] pattern, int from, int to) {
        this.pattern = pattern;
        this.from = from;
        this.to = to;
    }

    boolean matches(byte[] text, int at, int length) {
        int p = from;
        int t = at;
        int end = at + length;
        int afterStar = -1;
        int starText = 0;
        while (t < end) {
            if (p < to && pattern[p] == '*') {
                afterStar = ++p;
                starText = t;
            } else if (p < to && matchesOne(p, text[t])) {
                p = next(p);
                t++;
            } else if (afterStar >= 0) {
                p = afterStar;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < to && pattern[p] == '*') p++;
        return p == to;
    }

    private boolean matchesOne(int p, byte b) {
        return switch (pattern[p]) {
            case '?' -> true;
            case '[' -> matchesSet(p + 1, b);
            case '\\' -> pattern[p + 1 < to ? p + 1 : p] == b;
            default -> pattern[p] == b;
        };
    }

    private boolean matchesSet(int first, byte b) {
        int p = first;
        boolean inverted = p < to && pattern[p] == '^';
        if (inverted) p++;
        boolean found = false;
        while (p < to && pattern[p] != ']') {
            if (pattern[p] == '\\' && p + 1 < to) p++;
            if (p + 2 < to && pattern[p + 1] == '-') {
                found |= Math.min(pattern[p], pattern[p + 2]) <= b && b <= Math.max(pattern[p], pattern[p + 2]);
                p += 3;
            } else {
                found |= pattern[p++] == b;
            }
        }
        return found != inverted;
    }

    private int next(int p) {
        if (pattern[p] == '\\') return Math.min(p + 2, to);
        if (pattern[p] != '[') return p + 1;
        int at = p + 1;
        while (at < to && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < to) at++;
            at += at + 2 < to && pattern[at + 1] == '-' ? 3 : 1;
        }
        return Math.min(at + 1, to);
    }
}
