package io.pageferry.examples.kv.command;

/**
 * A command as COMMAND describes it.
 *
 * @param name in upper case
 * @param arity how many arguments with the name; at least so many if it is negative
 * @param flag {@code write}, {@code readonly} or {@code fast}
 * @param firstKey the argument of the first key, 0 if there is none
 * @param lastKey the argument of the last key, negative from the end
 * @param keyStep from one key to the next
 */
record CommandSpec(
        String name, int arity, String flag, int firstKey, int lastKey, int keyStep, CommandHandler handler) {
    boolean takes(int argumentCount) {
        return arity >= 0 ? argumentCount == arity : argumentCount >= -arity;
    }

    boolean isWrite() {
        return flag.equals("write");
    }

    String lowerCaseName() {
        return name.toLowerCase(java.util.Locale.ROOT);
    }
}
