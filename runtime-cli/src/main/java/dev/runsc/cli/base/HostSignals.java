package dev.runsc.cli.base;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The signals that this process gets from the host. The JDK's class for them is no official one,
 * and the compiler warns of it: it is called by reflection, which takes 15 ms to set up. {@link
 * #prepare} does so while there is something else to wait for.
 */
public final class HostSignals {
    private HostSignals() {}

    /** Does what {@link #handle} would have to do first. */
    public static void prepare() {
        if (Door.problem() == null) {
            Door.handler(signal -> {});
        }
    }

    /**
     * Lets a handler have signals from now on, by number.
     *
     * @param names without SIG
     */
    public static void handle(List<String> names, IntConsumer handler) {
        Exception problem = Door.problem();
        if (problem == null) {
            try {
                Object adapter = Door.handler(handler);
                for (String name : names) {
                    Door.handle(name, adapter);
                }
            } catch (ReflectiveOperationException e) {
                problem = e;
            }
        }
        if (problem != null) {
            // A JDK without this class: signals then do to us what they do to any program.
            DebugLog.write("signals are not handled: " + problem);
        }
    }

    /** {@code sun.misc.Signal}. */
    private record Door(
            Class<?> signal, Class<?> handlerInterface, Method handleMethod, Method number) {
        private static final @Nullable Door OPEN;
        private static final @Nullable Exception PROBLEM;

        static {
            Door door = null;
            Exception problem = null;
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                door =
                        new Door(
                                signal,
                                handler,
                                signal.getMethod("handle", signal, handler),
                                signal.getMethod("getNumber"));
            } catch (ReflectiveOperationException e) {
                problem = e;
            }
            OPEN = door;
            PROBLEM = problem;
        }

        static @Nullable Exception problem() {
            return PROBLEM;
        }

        private static Door open() {
            if (OPEN == null) {
                throw new IllegalStateException(PROBLEM);
            }
            return OPEN;
        }

        static Object handler(IntConsumer receiver) {
            Door door = open();
            return Proxy.newProxyInstance(
                    HostSignals.class.getClassLoader(),
                    new Class<?>[] {door.handlerInterface},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            receiver.accept((int) door.number.invoke(arguments[0]));
                        }
                        return null;
                    });
        }

        static void handle(String name, Object handler) throws ReflectiveOperationException {
            Door door = open();
            Object signal = door.signal.getConstructor(String.class).newInstance(name);
            door.handleMethod.invoke(null, signal, handler);
        }
    }
}
