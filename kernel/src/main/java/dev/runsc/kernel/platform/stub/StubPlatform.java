package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The platform that runs guest code in stub processes; see the package's documentation. */
public final class StubPlatform implements Platform {
    private final ControlMemory control;
    private final Template template;
    private final ProcessWatcher watcher;
    private final boolean fastEntry;
    private final XsaveFormat xsaveFormat;
    private final int spinLimit;
    private final ProcessPool pool = new ProcessPool(this);
    private final AtomicBoolean closed = new AtomicBoolean();

    private StubPlatform(
            ControlMemory control, Template template, ProcessWatcher watcher, boolean fastEntry) {
        this.control = control;
        this.template = template;
        this.watcher = watcher;
        this.fastEntry = fastEntry;
        Template.Hello hello = template.hello();
        this.xsaveFormat = new XsaveFormat(hello.componentOffsets(), hello.componentSizes());
        this.spinLimit =
                SpinPolicy.limit(
                        Runtime.getRuntime().availableProcessors(), hello.pausePicoseconds());
    }

    /**
     * Starts the platform.
     *
     * @param program the stub
     * @param memoryFile the sandbox's memory file; it stays the caller's
     * @param rewriteCallSites whether call sites that {@link SyscallRewriter} rewrote gain
     *     anything. Ignored on machines without the FSGSBASE instructions.
     */
    public static StubPlatform start(Path program, HostFd memoryFile, boolean rewriteCallSites)
            throws PlatformException {
        return start(program, memoryFile, rewriteCallSites, ProcessWatcher.PATIENCE);
    }

    /**
     * As above.
     *
     * @param patience seconds that a guest may take to answer an interrupt
     */
    static StubPlatform start(
            Path program, HostFd memoryFile, boolean rewriteCallSites, int patience)
            throws PlatformException {
        try {
            ControlMemory control = new ControlMemory();
            Template template;
            try {
                template = Template.start(program, memoryFile, control.file());
            } catch (PlatformException e) {
                control.close();
                throw e;
            }
            ProcessWatcher watcher = new ProcessWatcher(patience);
            watcher.start();
            boolean able = (template.hello().features() & StubLayout.STUB_FEATURE_FSGSBASE) != 0;
            StubPlatform platform =
                    new StubPlatform(control, template, watcher, rewriteCallSites && able);
            platform.pool.start();
            return platform;
        } catch (ErrnoException e) {
            throw new PlatformException("cannot start the platform: " + e.getMessage(), e);
        }
    }

    @Override
    public AddressSpace newAddressSpace() throws PlatformException {
        return new StubAddressSpace(pool.take());
    }

    /** Forks a stub process. */
    StubProcess newProcess() throws PlatformException {
        int block = control.takeBlock();
        Template.Fork fork;
        try {
            fork = template.fork(block);
        } catch (PlatformException e) {
            control.freeBlock(block);
            throw e;
        }
        StubProcess process = new StubProcess(this, block, fork);
        try {
            watcher.watch(process);
        } catch (ErrnoException e) {
            process.kill();
            throw new PlatformException("cannot watch a stub: " + e.getMessage(), e);
        }
        return process;
    }

    @Override
    public HostFileMapping importFile(HostFd file) throws PlatformException {
        return new DonatedFile(template, template.addDescriptor(file));
    }

    ControlMemory control() {
        return control;
    }

    ProcessWatcher watcher() {
        return watcher;
    }

    ProcessPool pool() {
        return pool;
    }

    int spinLimit() {
        return spinLimit;
    }

    XsaveFormat xsaveFormat() {
        return xsaveFormat;
    }

    int features() {
        return template.hello().features() | (fastEntry ? StubLayout.STUB_FEATURE_FAST_ENTRY : 0);
    }

    boolean fastEntry() {
        return fastEntry;
    }

    void closeDescriptor(int number) {
        template.closeDescriptor(number);
    }

    @Override
    public int xsaveSize() {
        return template.hello().xsaveBytes();
    }

    @Override
    public long xsaveFeatures() {
        return template.hello().xsaveFeatures();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        template.close();
        pool.close();
        watcher.close();
        control.close();
    }
}
