package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Sends what the kernel and the libraries log to the debug log. Found as a service, it spares a
 * start the JDK's own logging, which loads a module and a configuration file.
 */
public final class KernelLoggers extends System.LoggerFinder {
    @Override
    public System.Logger getLogger(String name, Module module) {
        return new ToDebugLog(name);
    }

    private record ToDebugLog(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return DebugLog.isOn() && level.compareTo(Level.DEBUG) >= 0;
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String message,
                @Nullable Throwable thrown) {
            if (!isLoggable(level)) {
                return;
            }
            DebugLog.write(level + " " + name + ": " + message);
            if (thrown != null) {
                for (StackTraceElement element : thrown.getStackTrace()) {
                    DebugLog.write("    at " + element);
                }
                DebugLog.write("    " + thrown);
            }
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                @Nullable Object @Nullable ... parameters) {
            if (isLoggable(level)) {
                // System.Logger.log(Level, String) passes null.
                boolean plain = format == null || parameters == null || parameters.length == 0;
                String message = plain ? format : MessageFormat.format(format, parameters);
                DebugLog.write(level + " " + name + ": " + message);
            }
        }
    }
}
