package dev.runsc.cli.boot;

import dev.runsc.cli.boot.GuestKernel.KernelFailure;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.KernelHost;
import dev.runsc.kernel.ProcessSpec;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes kernels: an empty one, or one from an image. */
final class GuestKernels {
    private GuestKernels() {}

    /** A kernel without containers. */
    static GuestKernel boot(KernelHost host) throws KernelFailure {
        try {
            return new Adapter(Kernel.boot(host));
        } catch (KernelException e) {
            throw failure(e);
        }
    }

    /** Does in advance what needs no image. */
    static void prepareRestore() throws KernelFailure {
        try {
            Kernel.prepareRestore();
        } catch (KernelException e) {
            throw failure(e);
        }
    }

    /** The kernel of an image, paused. */
    static GuestKernel restore(
            KernelHost host, InputStream graph, Map<String, ContainerSpec> containers)
            throws KernelFailure {
        try {
            Kernel kernel = Kernel.restore(host, graph, new Kernel.RestoreOptions(containers));
            return new Adapter(kernel);
        } catch (KernelException e) {
            throw failure(e);
        }
    }

    private static KernelFailure failure(KernelException e) {
        return new KernelFailure(String.valueOf(e.getMessage()), e);
    }

    /** The kernel behind the interface that the loader knows. */
    private record Adapter(Kernel kernel) implements GuestKernel {
        @Override
        public void createContainer(ContainerSpec spec) throws KernelFailure {
            try {
                kernel.createContainer(spec);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public void startContainer(String id) throws KernelFailure {
            try {
                kernel.startContainer(id);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public int exec(String id, ProcessSpec spec) throws KernelFailure {
            try {
                return kernel.exec(id, spec);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public int waitContainer(String id) throws InterruptedException, KernelFailure {
            try {
                return kernel.waitContainer(id);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public int waitProcess(String id, int pid) throws InterruptedException, KernelFailure {
            try {
                return kernel.waitProcess(id, pid);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public void signal(String id, int pid, int signal, SignalTarget target)
                throws KernelFailure {
            Kernel.SignalScope scope =
                    switch (target) {
                        case PROCESS -> Kernel.SignalScope.PROCESS;
                        case ALL -> Kernel.SignalScope.ALL;
                        case GROUP -> Kernel.SignalScope.GROUP;
                        case FOREGROUND -> Kernel.SignalScope.FOREGROUND;
                    };
            try {
                kernel.signal(id, pid, signal, scope);
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public void consolesResized() {
            kernel.consolesResized();
        }

        @Override
        public List<GuestProcess> processes(String id) throws KernelFailure {
            try {
                List<GuestProcess> list = new ArrayList<>();
                for (Kernel.ProcessInfo info : kernel.processes(id)) {
                    list.add(
                            new GuestProcess(
                                    info.uid(),
                                    info.pid(),
                                    info.ppid(),
                                    info.pgid(),
                                    info.threads(),
                                    info.cpuPercent(),
                                    info.tty(),
                                    info.startTimeUnixSeconds(),
                                    info.cpuTimeMillis(),
                                    info.command(),
                                    info.args()));
                }
                return list;
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public void pause() {
            kernel.pause();
        }

        @Override
        public void awaitPauseAtCall() throws InterruptedException {
            kernel.awaitPauseAtCall();
        }

        @Override
        public void resume() {
            kernel.resume();
        }

        @Override
        public void save(OutputStream graph) throws KernelFailure {
            try {
                dev.runsc.cli.base.DebugLog.write("graph saved: " + kernel.save(graph));
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public long[] memoryRanges() throws KernelFailure {
            try {
                return kernel.memoryRanges();
            } catch (KernelException e) {
                throw failure(e);
            }
        }

        @Override
        public List<String> containerNames() {
            return kernel.containerNames();
        }

        @Override
        public void close() {
            kernel.close();
        }
    }
}
