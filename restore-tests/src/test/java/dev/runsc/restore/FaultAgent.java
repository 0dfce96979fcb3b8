package dev.runsc.restore;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A defect, brought into a running sandbox from outside: a thread that dies of an exception. */
public final class FaultAgent {
    /** What the exception says. */
    static final String MESSAGE = "a fault brought in";

    private FaultAgent() {}

    /** Runs in the sandbox (java.lang.instrument). */
    public static void agentmain(String arguments) {
        Thread.ofPlatform().name("faulty").start(FaultAgent::fail);
    }

    private static void fail() {
        throw new IllegalStateException(MESSAGE);
    }

    /**
     * Brings it into a process.
     *
     * @param scratch a folder for the agent
     */
    static void strike(ProcessHandle sandbox, Path scratch)
            throws IOException, AttachNotSupportedException {
        Path jar = scratch.resolve("agent.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Agent-Class", FaultAgent.class.getName());
        String entry = FaultAgent.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream code = FaultAgent.class.getClassLoader().getResourceAsStream(entry)) {
            out.putNextEntry(new JarEntry(entry));
            code.transferTo(out);
        }
        VirtualMachine machine = VirtualMachine.attach(String.valueOf(sandbox.pid()));
        try {
            machine.loadAgent(jar.toString());
            machine.detach();
        } catch (IOException | AgentLoadException | AgentInitializationException e) {
            // It died before it could answer: that is what was wanted, and what the test looks for.
            System.out.println("the agent's answer: " + e);
        }
    }
}
