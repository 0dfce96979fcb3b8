package dev.runsc.cli.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which module may use which, and which libraries stay behind the module that wraps them. */
class ModuleRulesTest {
    private static JavaClasses ours;

    @BeforeAll
    static void readClasses() {
        ours =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(location -> !location.contains("/target/test-"))
                        .importPackages("dev.runsc");
        assertFalse(ours.isEmpty(), "none of our classes was found");
    }

    @Test
    void stateAndSnapshotKnowNothingOfOurs() {
        check(
                noneIn("dev.runsc.state..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(all("state")));
        check(
                noneIn("dev.runsc.snapshot..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(all("snapshot")));
    }

    @Test
    void goferNeverImportsTheKernel() {
        check(
                noneIn("dev.runsc.gofer..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(all("gofer")));
    }

    @Test
    void goferIsLayered() {
        check(mayNotUse("abi", "host", "protocol", "client", "server"));
        check(mayNotUse("host", "protocol", "client", "server"));
        check(mayNotUse("protocol", "client", "server"));
        check(mayNotUse("client", "server"));
        check(mayNotUse("server", "client"));
    }

    @Test
    void graphAndStoreMeetOnlyInTheCommandLine() {
        check(
                noneIn("dev.runsc.kernel..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("dev.runsc.snapshot.."));
    }

    @Test
    void nobodyReachesIntoInternalPackages() {
        for (String module : Set.of("state", "snapshot")) {
            String root = "dev.runsc." + module;
            check(
                    noClasses()
                            .that()
                            .resideOutsideOfPackage(root + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage(root + ".internal.."));
        }
    }

    @Test
    void librariesStayBehindTheirModule() {
        check(onlyIn("dev.runsc.state..", "com.esotericsoftware.."));
        check(onlyIn("dev.runsc.snapshot..", "org.rocksdb..", "net.jpountz.."));
        check(onlyIn("dev.runsc.cli..", "picocli.."));
    }

    @Test
    void nativeCallsAreConfined() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "dev.runsc.kernel.platform..", "dev.runsc.gofer.host..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("com.sun.jna..")
                        .orShould()
                        .dependOnClassesThat()
                        .haveNameMatching(
                                "java.lang.foreign.(Linker|SymbolLookup|FunctionDescriptor).*"));
    }

    @Test
    void exportedSignaturesNameNoLibraryType() {
        check(
                classes()
                        .that()
                        .resideInAnyPackage("dev.runsc.state..", "dev.runsc.snapshot..")
                        .and()
                        .resideOutsideOfPackages("..internal..")
                        .and()
                        .arePublic()
                        .should(nameInPublicOnly("dev.runsc.", "java.")));
    }

    @Test
    void packagesAreAcyclic() {
        slices().matching("dev.runsc.(**)").should().beFreeOfCycles().check(ours);
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(ours);
    }

    private static com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction noneIn(
            String packages) {
        return noClasses().that().resideInAPackage(packages);
    }

    private static ArchRule mayNotUse(String user, String... used) {
        return noneIn("dev.runsc.gofer." + user + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        Stream.of(used)
                                .map(name -> "dev.runsc.gofer." + name + "..")
                                .toArray(String[]::new));
    }

    private static ArchRule onlyIn(String packages, String... libraries) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        Stream.concat(Stream.of(packages), Stream.of(libraries))
                                .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries);
    }

    /** All roots of ours but the one named. */
    private static String[] all(String but) {
        return Stream.of("state", "snapshot", "gofer", "kernel", "cli")
                .filter(name -> !name.equals(but))
                .map(name -> "dev.runsc." + name + "..")
                .toArray(String[]::new);
    }

    /**
     * What others can see of a class: super types, and types in its public and protected members.
     */
    private static ArchCondition<JavaClass> nameInPublicOnly(String... prefixes) {
        return new ArchCondition<>("name in public only types of " + String.join(", ", prefixes)) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream<JavaClass> parents =
                        Stream.concat(
                                type.getRawInterfaces().stream(), type.getRawSuperclass().stream());
                Stream<JavaClass> fields =
                        type.getFields().stream()
                                .filter(field -> isVisible(field.getModifiers()))
                                .map(JavaField::getAllInvolvedRawTypes)
                                .flatMap(Set::stream);
                Stream<JavaClass> signatures =
                        type.getCodeUnits().stream()
                                .filter(unit -> isVisible(unit.getModifiers()))
                                .flatMap(unit -> signature(unit));
                Stream.of(parents, fields, signatures)
                        .flatMap(part -> part)
                        .map(JavaClass::getBaseComponentType)
                        .filter(named -> !named.isPrimitive())
                        .filter(named -> Stream.of(prefixes).noneMatch(named.getName()::startsWith))
                        .distinct()
                        .forEach(named ->
                                events.add(
                                        SimpleConditionEvent.violated(
                                                type,
                                                type.getName() + " shows " + named.getName())));
            }
        };
    }

    private static Stream<JavaClass> signature(JavaCodeUnit unit) {
        return Stream.concat(
                unit.getAllInvolvedRawTypes().stream(),
                unit.getExceptionTypes().stream().map(JavaClass.class::cast));
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC)
                || modifiers.contains(JavaModifier.PROTECTED);
    }
}
