package dev.runsc.restore;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ConstantDescs;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * A defect, brought into a running sandbox from outside: a thread that dies of an exception, or a
 * system call that does not return.
 */
public final class FaultAgent {
    /** What the agent is to do. */
    private static final String FAIL = "fail";

    private static final String STICK = "stick";

    /** Where getrandom(2) is answered. */
    private static final String CALLS = "dev.runsc.kernel.syscalls.SystemInfo";

    private static final String CALL = "getrandom";

    /** What the exception says. */
    static final String MESSAGE = "a fault brought in";

    private FaultAgent() {}

    /** Runs in the sandbox (java.lang.instrument). */
    public static void agentmain(String arguments, Instrumentation instrumentation)
            throws ClassNotFoundException, UnmodifiableClassException {
        if (arguments.equals(FAIL)) {
            Thread.ofPlatform().name("faulty").start(FaultAgent::fail);
            return;
        }
        Class<?> calls = Class.forName(CALLS);
        instrumentation.addTransformer(new Sticking(), true);
        instrumentation.retransformClasses(calls);
    }

    /** Lets getrandom(2) begin with {@link #stick}. */
    private static final class Sticking implements ClassFileTransformer {
        @Override
        public byte @Nullable [] transform(
                @Nullable ClassLoader loader,
                String name,
                Class<?> redefined,
                ProtectionDomain domain,
                byte[] code) {
            if (redefined == null || !redefined.getName().equals(CALLS)) {
                return null;
            }
            ClassFile file = ClassFile.of();
            return file.transformClass(
                    file.parse(code),
                    ClassTransform.transformingMethodBodies(
                            method -> method.methodName().equalsString(CALL),
                            CodeTransform.ofStateful(FirstStick::new)));
        }
    }

    /** Puts the call before the first element of a method's code. */
    private static final class FirstStick implements CodeTransform {
        @Override
        public void atStart(CodeBuilder builder) {
            builder.invokestatic(
                    FaultAgent.class.describeConstable().orElseThrow(),
                    "stick",
                    ConstantDescs.MTD_void);
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            builder.with(element);
        }
    }

    /** Where a task of the guest stays for ever. */
    public static void stick() {
        while (true) {
            LockSupport.park();
        }
    }

    private static void fail() {
        throw new IllegalStateException(MESSAGE);
    }

    /**
     * Brings in the exception.
     *
     * @param scratch a folder for the agent
     */
    static void strike(ProcessHandle sandbox, Path scratch)
            throws IOException, AttachNotSupportedException {
        load(sandbox, scratch, FAIL);
    }

    /** Brings in the call that does not return: getrandom(2). */
    static void stickIn(ProcessHandle sandbox, Path scratch)
            throws IOException, AttachNotSupportedException {
        load(sandbox, scratch, STICK);
    }

    private static void load(ProcessHandle sandbox, Path scratch, String arguments)
            throws IOException, AttachNotSupportedException {
        Path jar = scratch.resolve("agent.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Agent-Class", FaultAgent.class.getName());
        manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> each : List.of(FaultAgent.class, Sticking.class, FirstStick.class)) {
                String entry = each.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(entry));
                try (InputStream code = each.getClassLoader().getResourceAsStream(entry)) {
                    code.transferTo(out);
                }
            }
        }
        VirtualMachine machine = VirtualMachine.attach(String.valueOf(sandbox.pid()));
        try {
            machine.loadAgent(jar.toString(), arguments);
            machine.detach();
        } catch (IOException | AgentLoadException | AgentInitializationException e) {
            // It died before it could answer: that is what was wanted, and what the test looks for.
            System.out.println("the agent's answer: " + e);
        }
    }
}
