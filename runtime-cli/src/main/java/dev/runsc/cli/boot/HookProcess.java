package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.Kernel.SignalScope;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A program that runs in a container around saves; its environment says on which side it is. */
final class HookProcess implements AutoCloseable {
    private static final String VARIABLE = "GVISOR_SAVE_RESTORE_AUTO_EXEC_MODE=";

    /** The moments at which it runs. */
    enum Moment {
        SAVE,
        RESTORE,
        RESUME;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final ProcessSpec process;
    private final long timeoutNanos;
    private final HostFd streams;

    /**
     * @param streams what it reads from and writes to; this object's from now on
     */
    HookProcess(ProcessSpec process, long timeoutNanos, HostFd streams) {
        this.process = process;
        this.timeoutNanos = timeoutNanos;
        this.streams = streams;
    }

    /**
     * Reads it from a request that has one.
     *
     * @param json of {@link SpecCodec}
     * @param streams what it reads from and writes to, which belongs to the hook if this succeeds
     */
    static HookProcess read(String json, long timeoutNanos, HostFd streams) throws JsonFault {
        JsonReader in = new JsonReader("hook", json.getBytes(StandardCharsets.UTF_8));
        return new HookProcess(SpecCodec.readProcess(in, Map.of()), timeoutNanos, streams);
    }

    /**
     * Runs it in a container, and kills it when it takes too long.
     *
     * @return true
     * @throws ControlFault unless it has ended with 0
     */
    boolean run(Kernel kernel, String container, Moment moment)
            throws ControlFault, InterruptedException {
        String what = "the program for \"" + moment.word() + "\" in \"" + container + "\" ";
        try {
            int pid = kernel.exec(container, spec(moment));
            int status = await(kernel, container, pid, what);
            DebugLog.write(what + "has ended with wait status " + status);
            int signal = status & 0x7f;
            if (signal != 0) {
                throw new ControlFault(Code.KERNEL, what + "was ended by signal " + signal);
            }
            if (status != 0) {
                throw new ControlFault(Code.KERNEL, what + "has ended with " + (status >> 8));
            }
            return true;
        } catch (KernelException e) {
            throw new ControlFault(Code.KERNEL, what + "did not run: " + e.getMessage(), e);
        } catch (ErrnoException e) {
            throw new ControlFault(Code.INTERNAL, what + "did not run: " + e.getMessage(), e);
        }
    }

    /** As {@link #run} where nobody is left to be told how it went. */
    void runUnasked(Kernel kernel, String container, Moment moment) {
        try {
            run(kernel, container, moment);
        } catch (ControlFault e) {
            DebugLog.write(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int await(Kernel kernel, String container, int pid, String what)
            throws ControlFault, KernelException, InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch late = new CountDownLatch(1);
        Thread.ofPlatform()
                .daemon()
                .name("hook timeout")
                .start(() -> killLate(kernel, container, pid, ended, late));
        int status;
        try {
            status = kernel.waitProcess(container, pid);
        } catch (InterruptedException e) {
            kill(kernel, container, pid);
            kernel.waitProcess(container, pid);
            throw e;
        } finally {
            ended.countDown();
        }
        if (late.getCount() == 0) {
            throw new ControlFault(
                    Code.KERNEL,
                    what
                            + "was killed after "
                            + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
                            + " ms without an end");
        }
        return status;
    }

    private void killLate(
            Kernel kernel, String container, int pid, CountDownLatch ended, CountDownLatch late) {
        try {
            if (!ended.await(timeoutNanos, TimeUnit.NANOSECONDS)) {
                late.countDown();
                kill(kernel, container, pid);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** It may have ended this moment. */
    private static void kill(Kernel kernel, String container, int pid) {
        try {
            kernel.signal(container, pid, SignalNumbers.SIGKILL, SignalScope.PROCESS);
        } catch (KernelException e) {
            DebugLog.write("killing a hook: " + e.getMessage());
        }
    }

    private ProcessSpec spec(Moment moment) throws ErrnoException {
        List<String> environment = new ArrayList<>();
        for (String variable : process.environment()) {
            if (!variable.startsWith(VARIABLE)) {
                environment.add(variable);
            }
        }
        environment.add(VARIABLE + moment.word());
        Map<Integer, HostFd> descriptors = new LinkedHashMap<>();
        for (int number = 0; number < 3; number++) {
            descriptors.put(number, streams.duplicate());
        }
        return new ProcessSpec(
                process.arguments(),
                environment,
                process.workingDirectory(),
                process.uid(),
                process.gid(),
                process.additionalGids(),
                process.umask(),
                process.capabilities(),
                process.noNewPrivileges(),
                process.resourceLimits(),
                descriptors,
                false,
                process.oomScoreAdj());
    }

    @Override
    public void close() {
        streams.close();
    }
}
