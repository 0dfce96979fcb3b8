package dev.runsc.cli.base;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The signals that this process gets. The JDK's class for them is no official one, and the compiler
 * warns of it: it is called by reflection, which takes 15 ms to set up. {@link #prepare} does so
 * while there is something else to wait for.
 */
public final class HostSignals {
    /**
     * What can be passed on. SIGQUIT cannot: the JVM keeps it for itself. SIGPIPE and SIGCHLD are
     * about this process, SIGTSTP and its like stop it as the user wants.
     */
    private static final List<String> NAMES =
            List.of(
                    "HUP", "INT", "TERM", "USR1", "USR2", "CONT", "WINCH", "ALRM", "URG", "IO",
                    "PWR");

    /** By signal number. */
    private static final Map<Integer, IntConsumer> RECEIVERS = new ConcurrentHashMap<>();

    private HostSignals() {}

    /** Does what {@link #passTo} would have to do first. */
    public static void prepare() {
        if (Door.PROBLEM != null) {
            // A JDK without this class: signals then do to us what they do to any program.
            DebugLog.write("signals are not passed on: " + Door.PROBLEM);
        }
    }

    /** Has all that can be passed on given to a receiver from now on. */
    public static void passTo(IntConsumer receiver) {
        handle(NAMES, receiver);
    }

    /**
     * Has signals given to a receiver from now on, by number.
     *
     * @param names without SIG
     */
    public static void handle(List<String> names, IntConsumer receiver) {
        try {
            for (String name : names) {
                Door.handle(name, receiver);
            }
        } catch (ReflectiveOperationException e) {
            DebugLog.write("signals are not passed on: " + e);
        }
    }

    /** {@code sun.misc.Signal}; nothing is there in a JDK without it. */
    private static final class Door {
        private static final @Nullable Class<?> SIGNAL;
        private static final @Nullable Method HANDLE;
        private static final @Nullable Object HANDLER;
        static final @Nullable Exception PROBLEM;

        static {
            Class<?> signal = null;
            Method handle = null;
            Object handler = null;
            Exception problem = null;
            try {
                signal = Class.forName("sun.misc.Signal");
                Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
                handle = signal.getMethod("handle", signal, handlerClass);
                Method number = signal.getMethod("getNumber");
                handler =
                        Proxy.newProxyInstance(
                                HostSignals.class.getClassLoader(),
                                new Class<?>[] {handlerClass},
                                (proxy, method, arguments) -> {
                                    if (method.getName().equals("handle")) {
                                        receive((int) number.invoke(arguments[0]));
                                    }
                                    return null;
                                });
            } catch (ReflectiveOperationException e) {
                problem = e;
            }
            SIGNAL = signal;
            HANDLE = handle;
            HANDLER = handler;
            PROBLEM = problem;
        }

        private Door() {}

        private static void receive(int signal) {
            IntConsumer receiver = RECEIVERS.get(signal);
            if (receiver != null) {
                receiver.accept(signal);
            }
        }

        static void handle(String name, IntConsumer receiver) throws ReflectiveOperationException {
            if (SIGNAL != null && HANDLE != null) {
                Object signal = SIGNAL.getConstructor(String.class).newInstance(name);
                RECEIVERS.put((int) SIGNAL.getMethod("getNumber").invoke(signal), receiver);
                HANDLE.invoke(null, signal, HANDLER);
            }
        }
    }
}
