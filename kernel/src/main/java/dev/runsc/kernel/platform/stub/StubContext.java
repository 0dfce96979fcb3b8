package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.TurnWord;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A guest thread: a slot of the control memory and a thread of a stub process. At a stop its
 * general registers lie in the slot's head, the rest of its state in the signal frame on the slot's
 * stack, and both are used in place. After a fast call there is no frame until somebody wants it.
 *
 * <p>The guest can write all of the slot at any time. The values that steer this class, offsets in
 * the slot, are checked when they are taken; everything else is a register value or a hint.
 */
final class StubContext implements GuestContext {
    private static final int INTERRUPTED = 1;
    private static final int GONE = 2;
    private static final int RELEASED = 4;

    /** GS base has become the guest's. */
    private static final int GS_LOST = 8;

    /** The signals that are open in guest code; all others of the host stay blocked. */
    private static final long OPEN_SIGNALS =
            bit(SignalNumbers.SIGSEGV)
                    | bit(SignalNumbers.SIGBUS)
                    | bit(SignalNumbers.SIGILL)
                    | bit(SignalNumbers.SIGFPE)
                    | bit(SignalNumbers.SIGTRAP)
                    | bit(SignalNumbers.SIGSYS)
                    | bit(StubLayout.STUB_KICK_SIGNAL);

    private static final int PAGE_FAULT = 14;
    private static final int GENERAL_PROTECTION = 13;

    /**
     * Error code of the fault that {@code int 0x80} raises where there is no such gate: entry 0x80
     * of the IDT.
     */
    private static final long INT80_ERROR = 0x80 * 8 + 2;

    private static final int INT80_BYTES = 2;

    /** EFLAGS of a new thread: interrupts open, and the bit that is always set. */
    private static final long INITIAL_FLAGS = 0x202;

    private static final Register[] REGISTERS = Register.values();

    /** Where the slot has the general registers. */
    private static final int[] PLACES = {
        SlotLayout.SLOT_R8,
        SlotLayout.SLOT_R9,
        SlotLayout.SLOT_R10,
        SlotLayout.SLOT_R11,
        SlotLayout.SLOT_R12,
        SlotLayout.SLOT_R13,
        SlotLayout.SLOT_R14,
        SlotLayout.SLOT_R15,
        SlotLayout.SLOT_RDI,
        SlotLayout.SLOT_RSI,
        SlotLayout.SLOT_RBP,
        SlotLayout.SLOT_RBX,
        SlotLayout.SLOT_RDX,
        SlotLayout.SLOT_RAX,
        SlotLayout.SLOT_RCX,
        SlotLayout.SLOT_RSP,
        SlotLayout.SLOT_RIP,
        SlotLayout.SLOT_EFLAGS
    };

    private final StubProcess process;
    private final int slotNumber;
    private final ByteBuffer slot;
    private final long stateAddress;
    private final SpinPolicy spin;
    private final AtomicInteger attention = new AtomicInteger();

    /** The host thread, in the stubs' PID namespace. */
    private volatile int threadId;

    /** Offset in the slot of the last signal frame's ucontext. */
    private int frame = SlotLayout.SLOT_STACK;

    /** Whether the last stop came with a frame: all but fast calls do. */
    private boolean framed;

    /** Signal of the last stop, or a {@code SIGNAL_*} of the slot's layout. */
    private int signal;

    /**
     * How often the thread was given to the stub. Written by the context's own thread, read by
     * those who interrupt.
     */
    private final AtomicInteger stays = new AtomicInteger();

    /** What the stub shall do before it goes on. */
    private int command;

    /** Whether GS base holds the slot's address. */
    private boolean slotInGs;

    /** What the slot says of {@link #command} and of spinning, if the guest left it alone. */
    private int commandThere;

    private int spinThere;

    StubContext(StubProcess process, int slotNumber) {
        this.process = process;
        ControlMemory control = process.platform().control();
        this.slotNumber = slotNumber;
        this.slot = control.slot(slotNumber);
        this.stateAddress =
                control.address(ControlMemory.slotOffset(slotNumber) + SlotLayout.SLOT_STATE);
        this.spin = new SpinPolicy(process.platform().spinLimit());
    }

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }

    StubProcess process() {
        return process;
    }

    int slotNumber() {
        return slotNumber;
    }

    // ---- Birth ----

    void prepareBirth() {
        slot.putInt(SlotLayout.SLOT_COMMAND, 0);
        slot.putInt(SlotLayout.SLOT_SPIN, 0);
        SlotLayout.state(slot, SlotLayout.STATE_RUN);
    }

    /** Waits for the first stop of the new thread and gives it clean registers. */
    void awaitBirth() throws PlatformException {
        if (takeStop() != Stop.EXCEPTION) {
            throw new PlatformException("the guest process ended while making a thread");
        }
        threadId = slot.getInt(SlotLayout.SLOT_THREAD_ID);
        clearState();
        putInGs();
    }

    /** Takes over the host thread of a released context. */
    void adopt(StubContext former) throws PlatformException {
        frame = former.frame;
        framed = former.framed;
        signal = former.signal;
        threadId = former.threadId;
        commandThere = former.commandThere;
        spinThere = former.spinThere;
        if (!materialize()) {
            throw new PlatformException("the guest process ended while making a thread");
        }
        clearState();
        resetFpu();
        setFsBase(0);
        putInGs();
    }

    /** With rewritten call sites GS base leads the thread to its slot. */
    private void putInGs() {
        slotInGs = process.slotsInGs();
        commandGs(slotInGs ? ControlMemory.slotAddress(slotNumber) : 0);
    }

    private void commandGs(long base) {
        slot.putLong(SlotLayout.SLOT_GS_BASE, base);
        command |= SlotLayout.COMMAND_SET_GS;
    }

    /** See {@link StubProcess#leaveGs}. */
    void loseSlotInGs() {
        set(GS_LOST);
    }

    private void clearState() {
        for (Register register : REGISTERS) {
            if (register != Register.SELECTORS) {
                setRegister(register, 0);
            }
        }
        setRegister(Register.EFLAGS, INITIAL_FLAGS);
        slot.putLong(frame + SignalFrame.SIGNAL_MASK, ~OPEN_SIGNALS);
    }

    // ---- Running ----

    @Override
    public Stop run() {
        if (attention.getPlain() != 0 || process.ring().dirty()) {
            Stop early = beforeRun();
            if (early != null) {
                return early;
            }
        }
        handOver();
        if (attention.get() != 0) {
            lateAttention();
        }
        return takeStop();
    }

    /**
     * Gives the thread to the stub; what {@link #attention} says is to be looked at afterwards. The
     * stub may be spinning on the state's cache line, so nothing else of it is touched without
     * need.
     */
    private void handOver() {
        if (command != commandThere) {
            slot.putInt(SlotLayout.SLOT_COMMAND, command);
            commandThere = command;
        }
        command = 0;
        int stubSpin = spin.stubSpin();
        boolean spun = spinThere != 0;
        if (stubSpin != spinThere) {
            slot.putInt(SlotLayout.SLOT_SPIN, stubSpin);
            spinThere = stubSpin;
        }
        stays.setOpaque(stays.getPlain() + 1);
        int before =
                TurnWord.give(stateAddress, SlotLayout.STATE_RUN, SlotLayout.STATE_EVENT_AWAITED);
        spin.stubTurned(spun, before == SlotLayout.STATE_EVENT_AWAITED);
    }

    private @Nullable Stop beforeRun() {
        if ((attention.get() & (GONE | RELEASED)) != 0) {
            return Stop.DEAD;
        }
        try {
            process.ring().flush();
        } catch (PlatformException e) {
            // The address space is half made: no guest code may run in it. The next flush tells the
            // memory manager why.
            return kill();
        }
        if (take(GS_LOST)) {
            setGsBase(gsBase());
        }
        return take(INTERRUPTED) ? Stop.INTERRUPTED : null;
    }

    /** The stub may already run when something came up that it has to hear of. */
    private void lateAttention() {
        if (gone()) {
            SlotLayout.state(slot, SlotLayout.STATE_GONE);
        } else {
            kick();
        }
    }

    private void kick() {
        process.platform().watcher().expectAnswer(this, stays.getOpaque());
        process.kick(threadId);
    }

    /** Whether the thread is still in guest code for the nth time. */
    boolean inStay(int stay) {
        return stay == stays.getOpaque()
                && (attention.get() & RELEASED) == 0
                && SlotLayout.stubsTurn(SlotLayout.state(slot));
    }

    @Override
    public void interrupt() {
        int before = set(INTERRUPTED);
        // The slot and the host thread of a released context may be another's.
        if ((before & RELEASED) == 0 && SlotLayout.stubsTurn(SlotLayout.state(slot))) {
            kick();
        }
    }

    /** Returns what was set before. */
    private int set(int bit) {
        int before = attention.get();
        while (!attention.compareAndSet(before, before | bit)) {
            before = attention.get();
        }
        return before;
    }

    private boolean take(int bit) {
        int before = attention.get();
        while (!attention.compareAndSet(before, before & ~bit)) {
            before = attention.get();
        }
        return (before & bit) != 0;
    }

    boolean gone() {
        return (attention.get() & GONE) != 0;
    }

    /** The process ended: no stop will come any more. Called by the watcher. */
    void processGone() {
        die();
        SlotLayout.state(slot, SlotLayout.STATE_GONE);
        HostCalls.futexWake(stateAddress);
    }

    private Stop die() {
        set(GONE);
        return Stop.DEAD;
    }

    /** The guest broke the rules. */
    private Stop kill() {
        process.kill();
        return die();
    }

    private int awaitStop() {
        int looks = spin.kernelSpin();
        long awaited =
                TurnWord.await(
                        stateAddress, SlotLayout.STATE_RUN, SlotLayout.STATE_RUN_AWAITED, looks);
        spin.kernelTurned(looks > 0, TurnWord.slept(awaited));
        return TurnWord.value(awaited);
    }

    private Stop takeStop() {
        if (awaitStop() == SlotLayout.STATE_GONE) {
            return die();
        }
        signal = slot.getInt(SlotLayout.SLOT_SIGNAL);
        if (signal == SlotLayout.SIGNAL_FAST_CALL) {
            framed = false;
            return Stop.SYSCALL;
        }
        if (!takeFrame()) {
            return kill();
        }
        return switch (signal) {
            case SignalNumbers.SIGSYS, SlotLayout.SIGNAL_SLOW_CALL -> Stop.SYSCALL;
            case SlotLayout.SIGNAL_GATE_CALL -> gateCall();
            case StubLayout.STUB_KICK_SIGNAL -> {
                take(INTERRUPTED);
                yield Stop.INTERRUPTED;
            }
            case SignalNumbers.SIGSEGV ->
                    register(Register.TRAPNO) == PAGE_FAULT ? Stop.FAULT : Stop.EXCEPTION;
            default -> Stop.EXCEPTION;
        };
    }

    private boolean takeFrame() {
        int context = slot.getInt(SlotLayout.SLOT_CONTEXT);
        if (context < SlotLayout.SLOT_STACK
                || context > StubLayout.STUB_SLOT_SIZE - SignalFrame.SIZE
                || (context & (Long.BYTES - 1)) != 0) {
            return false;
        }
        frame = context;
        framed = true;
        return true;
    }

    /** Shown as what it is on a kernel without 32-bit code: there is no such gate. */
    private Stop gateCall() {
        signal = SignalNumbers.SIGSEGV;
        slot.putInt(frame + SignalFrame.CODE, SignalFrame.SI_KERNEL);
        slot.putLong(frame + SignalFrame.ADDRESS, 0);
        setRegister(Register.RIP, register(Register.RIP) - INT80_BYTES);
        setRegister(Register.TRAPNO, GENERAL_PROTECTION);
        setRegister(Register.ERROR, INT80_ERROR);
        return Stop.EXCEPTION;
    }

    /**
     * After a fast call: has the stub stop again with a signal frame, which alone shows the FPU's
     * state. False when the process is gone.
     */
    private boolean materialize() {
        return framed || newFrame(SlotLayout.COMMAND_FRAME);
    }

    private boolean newFrame(int how) {
        if (gone()) {
            return false;
        }
        command |= how;
        handOver();
        if (gone()) {
            return false;
        }
        if (awaitStop() == SlotLayout.STATE_GONE) {
            die();
            return false;
        }
        if (!takeFrame()) {
            kill();
            return false;
        }
        return true;
    }

    // ---- The stop's state ----

    @Override
    public long register(Register register) {
        return slot.getLong(place(register));
    }

    @Override
    public void setRegister(Register register, long value) {
        slot.putLong(place(register), value);
    }

    /** Offset in the slot. */
    private int place(Register register) {
        int index = register.ordinal();
        return index < PLACES.length ? PLACES[index] : placeInFrame(index);
    }

    /** Segment selectors and what an exception leaves behind. */
    private int placeInFrame(int index) {
        materialize();
        return frame + SignalFrame.REGISTERS + index * Long.BYTES;
    }

    @Override
    public long fsBase() {
        return slot.getLong(SlotLayout.SLOT_FS_BASE);
    }

    @Override
    public void setFsBase(long base) {
        slot.putLong(SlotLayout.SLOT_FS_BASE, base);
        command |= SlotLayout.COMMAND_SET_FS;
    }

    @Override
    public long gsBase() {
        return slotInGs ? 0 : slot.getLong(SlotLayout.SLOT_GS_BASE);
    }

    @Override
    public void setGsBase(long base) {
        if (base == 0 && process.slotsInGs()) {
            return;
        }
        process.leaveGs();
        if (materialize()) {
            slotInGs = false;
            commandGs(base);
        }
    }

    @Override
    public long faultAddress() {
        return register(Register.CR2);
    }

    @Override
    public long faultError() {
        return register(Register.ERROR);
    }

    @Override
    public int signal() {
        return signal;
    }

    @Override
    public int signalCode() {
        return slot.getInt(frame + SignalFrame.CODE);
    }

    @Override
    public long signalAddress() {
        return slot.getLong(frame + SignalFrame.ADDRESS);
    }

    @Override
    public boolean viaRewrittenSite() {
        return signal == SlotLayout.SIGNAL_FAST_CALL || signal == SlotLayout.SIGNAL_SLOW_CALL;
    }

    @Override
    public boolean gainsFromRewriting() {
        return process.slotsInGs();
    }

    @Override
    public CpuState save() {
        byte[] xsave = process.platform().xsaveFormat().toImage(fpuState());
        long[] values = new long[REGISTERS.length];
        for (Register register : REGISTERS) {
            values[register.ordinal()] = register(register);
        }
        return new CpuState(values, fsBase(), gsBase(), xsave);
    }

    @Override
    public void load(CpuState state) throws PlatformException {
        if (state.registers().length != REGISTERS.length) {
            throw new PlatformException("not the registers of an x86-64 thread");
        }
        setFpuState(process.platform().xsaveFormat().fromImage(state.xsave()));
        for (Register register : REGISTERS) {
            setRegister(register, state.registers()[register.ordinal()]);
        }
        setFsBase(state.fsBase());
        setGsBase(state.gsBase());
    }

    // ---- Extended state ----

    private @Nullable XsaveArea findFpu() {
        if (!materialize()) {
            return null;
        }
        long slotAddress = ControlMemory.slotAddress(slotNumber);
        XsaveArea area = XsaveArea.find(slot, slotAddress, frame);
        if (area == null) {
            kill();
        }
        return area;
    }

    @Override
    public byte[] fpuState() {
        XsaveArea area = findFpu();
        return area == null ? new byte[XsaveArea.SMALLEST] : area.read();
    }

    @Override
    public long fpuFeatures() {
        XsaveArea area = findFpu();
        return area == null ? XsaveArea.LEGACY : area.features();
    }

    @Override
    public void setFpuState(byte[] xsave) throws PlatformException {
        XsaveArea area = findFpu();
        if (area == null) {
            return;
        }
        long lacking =
                XsaveArea.inUse(xsave) & ~area.features() & process.platform().xsaveFeatures();
        if (lacking != 0 && (lacking & ~XsaveArea.AMX) == 0) {
            newFrame(SlotLayout.COMMAND_AMX);
            area = findFpu();
            if (area == null) {
                return;
            }
        }
        area.write(xsave, process.platform().xsaveFormat());
    }

    @Override
    public void resetFpu() {
        XsaveArea area = findFpu();
        if (area != null) {
            area.reset(process.platform().xsaveFormat());
        }
    }

    // ---- End ----

    @Override
    public void release() {
        set(RELEASED);
        process.release(this);
    }

    /** Lets the host thread end; {@link SlotLayout#STATE_GONE} appears when it has. */
    void exit() {
        command = SlotLayout.COMMAND_EXIT;
        handOver();
    }

    /** Waits for {@link #exited}, or what a guest has made look like it, no longer than this. */
    void awaitExit(long deadlineNanos) {
        int state = SlotLayout.state(slot);
        long left = deadlineNanos - System.nanoTime();
        while (SlotLayout.stubsTurn(state) && left > 0) {
            HostCalls.futexWait(stateAddress, state, left);
            state = SlotLayout.state(slot);
            left = deadlineNanos - System.nanoTime();
        }
    }

    boolean exited() {
        return SlotLayout.state(slot) == SlotLayout.STATE_GONE;
    }
}
