package io.pageferry.examples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The files below a folder, cut into values; each key is a file's path and the number of the part. Links below the folder
 * are not followed. Knows what it left out, and why.
 */
final class DataSet {
    /** The largest value, in bytes. */
    static final int VALUE_BYTES = 64 << 10;

    private final Map<String, byte[]> digests = new LinkedHashMap<>();
    private final List<Path> unreadable = new ArrayList<>();
    private long sizeBytes;
    private long leftOutBytes;

    private DataSet() {}

    /**
     * Reads files until so many bytes were given to {@code store}; keeps the SHA-256 of each value.
     *
     * @param folder a folder, or a link to one
     * @param store gets each key and its value
     */
    static DataSet load(Path folder, long maxBytes, BiConsumer<String, byte[]> store) {
        DataSet data = new DataSet();
        try {
            // A walk follows no link, not even the one it begins at.
            Path real = folder.toRealPath();
            for (Path file : data.files(real)) data.addFile(real, file, maxBytes, store);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + folder, failure);
        }
        return data;
    }

    private List<Path> files(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) (Files.isReadable(file) ? found : unreadable).add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) {
                unreadable.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(null);
        return found;
    }

    private void addFile(Path folder, Path file, long maxBytes, BiConsumer<String, byte[]> store) throws IOException {
        long left = Files.size(file);
        try (InputStream in = Files.newInputStream(file)) {
            for (int part = 0; sizeBytes < maxBytes; part++) {
                byte[] value = in.readNBytes(VALUE_BYTES);
                if (value.length == 0) return;
                String key = folder.relativize(file) + "#" + part;
                store.accept(key, value);
                digests.put(key, sha256(value));
                sizeBytes += value.length;
                left -= value.length;
            }
        }
        leftOutBytes += left;
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

    /** What was not loaded since it would be too much. */
    long leftOutBytes() {
        return leftOutBytes;
    }

    /** Files and folders that could not be read. */
    List<Path> unreadable() {
        return unreadable;
    }

    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}
