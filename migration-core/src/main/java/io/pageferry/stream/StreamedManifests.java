package io.pageferry.stream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The manifests of arrivals by streams, each in a file while it lasts: {@code PARTITION/MIGRATION} below one directory. The pages that
 * came are in the memory of the program that waits, which outlives its agent; so does the manifest here, and the next agent goes on
 * with both. Its methods throw {@link UncheckedIOException}.
 *
 * <p>Invariant: a migration's file is there from before the source is told that anything has arrived, until the program runs or its
 * memory is about to be given up.
 */
public final class StreamedManifests {
    private final Path directory;

    /** @param directory made when it is needed; only one process uses it at a time */
    public StreamedManifests(Path directory) {
        this.directory = directory;
    }

    /** An empty one, in place of whatever there is of the partition: its waiting program's memory is empty now. */
    public ManifestFile create(String partition, String migration) {
        drop(partition);
        Path file = file(partition, migration);
        try {
            var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(directory, ownerOnly);
            Files.createDirectories(directory.resolve(partition), ownerOnly);
            return ManifestFile.create(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("the manifest that comes by streams cannot be kept in " + file, failure);
        }
    }

    /** What has come of the partition in this migration by an agent that has died, if anything has. */
    public Optional<ManifestFile> find(String partition, String migration) {
        Path file = file(partition, migration);
        try {
            return Optional.of(ManifestFile.open(file));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException("the manifest of what came by streams cannot be read from " + file, failure);
        }
    }

    /** Which migration has left something of the partition, if any has. */
    public Optional<String> migrationOf(String partition) {
        return files(partition).stream()
                .findFirst()
                .map(file -> file.getFileName().toString());
    }

    /** Nothing of the partition is left that could be gone on with. */
    public void drop(String partition) {
        files(partition).forEach(StreamedManifests::delete);
    }

    /** Nothing that came in this migration is left. */
    public void drop(String partition, String migration) {
        delete(file(partition, migration));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("a manifest that is of no use any more cannot be deleted: " + file, failure);
        }
    }

    private List<Path> files(String partition) {
        try (Stream<Path> files = Files.list(directory.resolve(partition))) {
            return files.toList();
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot list " + directory.resolve(partition), failure);
        }
    }

    private Path file(String partition, String migration) {
        return directory.resolve(partition).resolve(migration);
    }
}
