package io.pageferry.systemtests;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Reads source files with the JDK's own parser and tells a visitor what it finds. */
final class SourceTrees {
    private SourceTrees() {}

    interface Visitor {
        /** A method, constructor or compact constructor, counted from its name's first modifier to its closing brace. */
        default void method(Path file, String name, long firstLine, long lineCount) {}

        /** A public type at the top of its file. */
        default void publicType(Path file, String name, boolean documented) {}
    }

    static void read(List<Path> files, Visitor visitor) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new UnitScanner(unit, trees, visitor).scan(unit, null);
            }
        }
    }

    private static final class UnitScanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final DocTrees trees;
        private final Path file;
        private final Visitor visitor;

        UnitScanner(CompilationUnitTree unit, DocTrees trees, Visitor visitor) {
            this.unit = unit;
            this.trees = trees;
            this.visitor = visitor;
            file = Path.of(unit.getSourceFile().toUri());
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            SourcePositions positions = trees.getSourcePositions();
            long firstLine = line(positions.getStartPosition(unit, method));
            long lastLine = line(positions.getEndPosition(unit, method));
            visitor.method(file, method.getName().toString(), firstLine, lastLine - firstLine + 1);
            return super.visitMethod(method, null);
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
            boolean top = getCurrentPath().getParentPath().getLeaf() instanceof CompilationUnitTree;
            if (top && type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                boolean documented = trees.getDocComment(getCurrentPath()) != null;
                visitor.publicType(file, type.getSimpleName().toString(), documented);
            }
            return super.visitClass(type, null);
        }

        private long line(long position) {
            return position < 0 ? 0 : unit.getLineMap().getLineNumber(position);
        }
    }
}
