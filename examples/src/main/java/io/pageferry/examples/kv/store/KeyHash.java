package io.pageferry.examples.kv.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Hashes keys: eight bytes a step by multiply and fold, under a seed of the store's own. */
final class KeyHash {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long STEP = 0x9e3779b97f4a7c15L;
    private static final long FINISH = 0xd6e8feb86659fd93L;

    private KeyHash() {}

    static int of(byte[] bytes, int at, int length, long seed) {
        long hash = fold(seed ^ length, STEP);
        int end = at + length;
        int i = at;
        for (; i + 8 <= end; i += 8) hash = fold(hash ^ (long) LONG.get(bytes, i), STEP);
        long tail = 0;
        for (; i < end; i++) tail = (tail << 8) | (bytes[i] & 0xff);
        hash = fold(hash ^ tail ^ FINISH, FINISH);
        return (int) (hash ^ (hash >>> 32));
    }

    private static long fold(long a, long b) {
        return (a * b) ^ Math.unsignedMultiplyHigh(a, b);
    }
}
