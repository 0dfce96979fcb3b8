package dev.runsc.gofer.host;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import org.jspecify.annotations.Nullable;

/**
 * A function of the C library that is no system call, takes at most six integers and returns int.
 */
final class CFunction {
    private static final int ARGUMENTS = 6;

    private final long address;
    private final @Nullable Function function;

    private CFunction(long address, @Nullable Function function) {
        this.address = address;
        this.function = function;
    }

    /**
     * Finds a function.
     *
     * @throws UnsatisfiedLinkError when the C library of this machine has none of this name
     */
    static CFunction named(String name) {
        return JniLibc.AVAILABLE ? ofJni(name) : ofJna(name);
    }

    static CFunction ofJna(String name) {
        JnaLibc.prepare();
        return new CFunction(0, NativeLibrary.getProcess().getFunction(name));
    }

    private static CFunction ofJni(String name) {
        long address = JniLibc.symbol(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no " + name);
        }
        return new CFunction(address, null);
    }

    int call(long... arguments) {
        long[] all = new long[ARGUMENTS];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        if (function == null) {
            return (int) JniLibc.invoke(address, all[0], all[1], all[2], all[3], all[4], all[5]);
        }
        Object[] boxed = {all[0], all[1], all[2], all[3], all[4], all[5]};
        return function.invokeInt(boxed);
    }
}
