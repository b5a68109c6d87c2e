package io.pageferry.examples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The files below a folder, cut into values; each key is a file's path and the number of the part. */
final class DataSet {
    /** The largest value, in bytes. */
    static final int VALUE_BYTES = 64 << 10;

    private final Map<String, byte[]> digests = new LinkedHashMap<>();
    private long sizeBytes;

    private DataSet() {}

    /**
     * Reads files until so many bytes were given to {@code store}; keeps the SHA-256 of each value.
     *
     * @param store gets each key and its value
     */
    static DataSet load(Path folder, long maxBytes, BiConsumer<String, byte[]> store) {
        DataSet data = new DataSet();
        for (Path file : files(folder)) {
            if (data.sizeBytes >= maxBytes) break;
            data.addFile(folder, file, maxBytes, store);
        }
        return data;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(file -> Files.isRegularFile(file) && Files.isReadable(file))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + folder, failure);
        }
    }

    private void addFile(Path folder, Path file, long maxBytes, BiConsumer<String, byte[]> store) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] value = in.readNBytes(VALUE_BYTES);
            for (int part = 0; value.length > 0 && sizeBytes < maxBytes; part++) {
                String key = folder.relativize(file) + "#" + part;
                store.accept(key, value);
                digests.put(key, sha256(value));
                sizeBytes += value.length;
                value = in.readNBytes(VALUE_BYTES);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + file, failure);
        }
    }

    static byte[] sha256(byte[] value) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(value);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    /** The SHA-256 of each key's value. */
    Map<String, byte[]> digests() {
        return digests;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}
