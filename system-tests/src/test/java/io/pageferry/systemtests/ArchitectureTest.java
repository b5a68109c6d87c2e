package io.pageferry.systemtests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The modules and what each may use, as docs and poms say it: dependencies point one way, and core knows nobody. */
class ArchitectureTest {
    private static final String SERVER = "io.pageferry.server..";
    private static final String AGENT = "io.pageferry.agent..";
    private static final String EXAMPLES = "io.pageferry.examples..";
    private static final String DEMONSTRATION = "io.pageferry.examples.demo..";
    private static final String LOAD = "io.pageferry.examples.load..";
    private static final String[] JDK = {"java..", "javax.imageio..", "org.jspecify.."};
    private static final String[] CORE_LIBRARIES = with(JDK, "io.netty..", "org.HdrHistogram..");
    private static final String[] JACKSON = {"tools.jackson..", "com.fasterxml.jackson.annotation.."};

    private static final DescribedPredicate<JavaClass> IN_CORE = resideInAPackage("io.pageferry..")
            .and(not(resideInAnyPackage(SERVER, AGENT, EXAMPLES)))
            .as("classes of migration-core");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.pageferry");

    @Test
    void theClassesOfTheModulesAreSeen() {
        assertThat(CLASSES.that(IN_CORE)).isNotEmpty();
        assertThat(CLASSES.that(resideInAPackage(SERVER))).isNotEmpty();
        assertThat(CLASSES.stream().map(JavaClass::getSimpleName)).noneMatch(name -> name.endsWith("Test"));
    }

    @Test
    void coreKnowsNobody() {
        check(IN_CORE, IN_CORE.or(resideInAnyPackage(CORE_LIBRARIES)));
    }

    @Test
    void linuxIsTheJdkAndNothingOfOurs() {
        checkPackage("io.pageferry.linux..", with(JDK, "io.pageferry.linux.."));
    }

    @Test
    void aProgramInPartitionMemoryNeedsTheJdkAlone() {
        checkPackage(
                "io.pageferry.partition..",
                with(
                        JDK,
                        "io.pageferry.partition..",
                        "io.pageferry.linux..",
                        "io.pageferry.attach..",
                        "io.pageferry.page",
                        "io.pageferry.pagetable..",
                        "io.pageferry.process.."));
    }

    @Test
    void heatRanksPagesAndKnowsNothingOfHowTheyTravel() {
        checkPackage(
                "io.pageferry.heat..",
                with(
                        JDK,
                        "io.pageferry.heat..",
                        "io.pageferry.page",
                        "io.pageferry.pagetable..",
                        "io.pageferry.pager.."));
    }

    @Test
    void theServerUsesCoreAndItsLibraries() {
        String[] libraries = with(
                with(CORE_LIBRARIES, JACKSON),
                SERVER,
                "net.openhft..",
                "io.micrometer..",
                "picocli..",
                "jdk.net..", // keepalive on NIO, which the portable socket options lack
                "com.sun.net.httpserver..");
        check(resideInAPackage(SERVER), IN_CORE.or(resideInAnyPackage(libraries)));
    }

    @Test
    void theAgentUsesCoreAndItsLibraries() {
        String[] libraries = with(with(CORE_LIBRARIES, JACKSON), AGENT, "picocli..");
        check(resideInAPackage(AGENT), IN_CORE.or(resideInAnyPackage(libraries)));
    }

    @Test
    void examplesUseCoreAlone() {
        String[] libraries = with(CORE_LIBRARIES, EXAMPLES, "picocli..");
        check(
                resideInAPackage(EXAMPLES).and(not(resideInAnyPackage(DEMONSTRATION, LOAD))),
                IN_CORE.or(resideInAnyPackage(libraries)));
    }

    @Test
    void theDemonstrationAndTheLoadAreAlsoRealRedisClients() {
        String[] libraries = with(CORE_LIBRARIES, EXAMPLES, "picocli..", "redis.clients.jedis..");
        check(resideInAnyPackage(DEMONSTRATION, LOAD), IN_CORE.or(resideInAnyPackage(libraries)));
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.pageferry.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everybodyLogsThroughSystemLogger() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.util.logging..",
                        "org.slf4j..",
                        "org.apache.commons.logging..",
                        "io.netty.util.internal.logging..")
                .check(CLASSES);
    }

    private static void checkPackage(String packageName, String[] allowed) {
        check(resideInAPackage(packageName), resideInAnyPackage(allowed));
    }

    private static void check(
            DescribedPredicate<? super JavaClass> whose, DescribedPredicate<? super JavaClass> allowed) {
        // Arrays and primitives belong to no package.
        DescribedPredicate<JavaClass> inNoPackage =
                DescribedPredicate.describe("a primitive or an array", type -> type.isPrimitive() || type.isArray());
        classes()
                .that(whose)
                .should()
                .onlyDependOnClassesThat(inNoPackage.or(allowed))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    private static String[] with(String[] packages, String... more) {
        return Stream.concat(Arrays.stream(packages), Arrays.stream(more)).toArray(String[]::new);
    }
}
