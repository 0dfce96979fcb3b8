package dev.runsc.kernel.arch;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the layers of {@link Layers}, the absence of cycles, and who may touch memory and make
 * native calls.
 */
class LayersTest {
    private static JavaClasses kernel;

    @BeforeAll
    static void readClasses() {
        kernel =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(location -> !location.contains("/target/test-"))
                        .importPackages(Layers.ROOT);
        assertFalse(kernel.isEmpty(), "no class of the kernel was found");
    }

    @Test
    void everyPackageHasALayer() {
        check(classes().should(haveALayer()));
    }

    @Test
    void noLayerUsesAHigherOne() {
        check(classes().should(useOnlyTheirLayerAndLowerOnes()));
    }

    @Test
    void packagesAreAcyclic() {
        slices().matching("dev.runsc.(**)").should().beFreeOfCycles().check(kernel);
    }

    /**
     * Others copy in and out of a bounded segment that they are given; nobody else makes or widens
     * one.
     */
    @Test
    void onlyMemoryAndPlatformMakeForeignMemory() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages(in("memory"), in("platform"))
                        .should()
                        .dependOnClassesThat(makeForeignMemory())
                        .orShould()
                        .callMethodWhere(
                                target(nameMatching("ofAddress|reinterpret"))
                                        .and(target(owner(type(MemorySegment.class))))));
    }

    @Test
    void onlyPlatformMakesNativeCalls() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage(in("platform"))
                        .should()
                        .dependOnClassesThat(bindNativeCode()));
    }

    @Test
    void theServerOfFilesIsNotTheKernelsBusiness() {
        check(
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "dev.runsc.gofer.server..", "dev.runsc.state.internal.."));
    }

    @Test
    void layersAreFoundByTheNearestName() {
        assertTrue(Layers.mayUse("dev.runsc.kernel.task.signal", "dev.runsc.kernel.fs.pipe"));
        assertFalse(Layers.mayUse("dev.runsc.kernel.task", "dev.runsc.kernel.fs.proc"));
        assertTrue(Layers.mayUse("dev.runsc.kernel.fs.proc.pid", "dev.runsc.kernel.task"));
        assertFalse(Layers.mayUse("dev.runsc.kernel.vfs", "dev.runsc.kernel.fs.tmpfs"));
        assertTrue(Layers.mayUse("dev.runsc.kernel", "dev.runsc.kernel.syscalls"));
        assertFalse(Layers.mayUse("dev.runsc.kernel.syscalls", "dev.runsc.kernel"));
        assertFalse(Layers.isKnown("dev.runsc.kernel.novelty"));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(kernel);
    }

    private static String in(String layer) {
        return Layers.ROOT + "." + layer + "..";
    }

    private static DescribedPredicate<JavaClass> makeForeignMemory() {
        return DescribedPredicate.describe(
                "make foreign memory",
                type ->
                        type.getPackageName().startsWith("java.lang.foreign")
                                && !type.isAssignableTo(MemorySegment.class)
                                && !type.isAssignableTo(ValueLayout.class));
    }

    private static DescribedPredicate<JavaClass> bindNativeCode() {
        return DescribedPredicate.describe(
                "bind native code",
                type ->
                        type.getPackageName().startsWith("com.sun.jna")
                                || type.getName().equals("java.lang.foreign.Linker")
                                || type.getName().equals("java.lang.foreign.SymbolLookup"));
    }

    private static ArchCondition<JavaClass> haveALayer() {
        return new ArchCondition<>("belong to a layer of Layers.LOWEST_FIRST") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!Layers.isKnown(type.getPackageName())) {
                    events.add(
                            SimpleConditionEvent.violated(
                                    type, type.getName() + " is in a package without a layer"));
                }
            }
        };
    }

    private static ArchCondition<JavaClass> useOnlyTheirLayerAndLowerOnes() {
        return new ArchCondition<>("use only their own layer and lower ones") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    String used =
                            dependency.getTargetClass().getBaseComponentType().getPackageName();
                    if (Layers.isKernel(used) && !Layers.mayUse(type.getPackageName(), used)) {
                        events.add(
                                SimpleConditionEvent.violated(type, dependency.getDescription()));
                    }
                }
            }
        };
    }
}
