package dev.runsc.cli.base;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;

/** Signals that this process gets from the host. */
public final class HostSignals {
    private HostSignals() {}

    /**
     * Lets a handler have signals from now on, by number.
     *
     * @param names without SIG
     */
    public static void handle(List<String> names, IntConsumer handler) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            InvocationHandler pass =
                    (proxy, method, args) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept(
                                    (int) signalClass.getMethod("getNumber").invoke(args[0]));
                        }
                        return null;
                    };
            Object proxy =
                    Proxy.newProxyInstance(
                            HostSignals.class.getClassLoader(),
                            new Class<?>[] {handlerClass},
                            pass);
            for (String name : names) {
                Object signal = signalClass.getConstructor(String.class).newInstance(name);
                signalClass
                        .getMethod("handle", signalClass, handlerClass)
                        .invoke(null, signal, proxy);
            }
        } catch (ReflectiveOperationException e) {
            // A JDK without this class: signals then do to us what they do to any program.
            DebugLog.write("signals are not handled: " + e);
        }
    }
}
