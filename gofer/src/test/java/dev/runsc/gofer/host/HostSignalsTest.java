package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

final class HostSignalsTest {
    private static void send(int signal) throws Exception {
        long self = ProcessHandle.current().pid();
        int status =
                new ProcessBuilder("kill", "-" + signal, Long.toString(self)).start().waitFor();
        assertEquals(0, status);
    }

    @Test
    void eachArrivesByNumber() throws Exception {
        var first = new LinkedBlockingQueue<Integer>();
        var second = new LinkedBlockingQueue<Integer>();
        HostSignals.handle(List.of(SignalNumbers.SIGUSR1, SignalNumbers.SIGURG), first::add);
        HostSignals.handle(List.of(SignalNumbers.SIGPWR), second::add);
        for (int i = 0; i < 3; i++) {
            send(SignalNumbers.SIGURG);
            assertEquals(SignalNumbers.SIGURG, first.take());
            send(SignalNumbers.SIGUSR1);
            assertEquals(SignalNumbers.SIGUSR1, first.take());
            send(SignalNumbers.SIGPWR);
            assertEquals(SignalNumbers.SIGPWR, second.take());
        }
    }

    @Test
    void whatCannotBeCaughtIsRefused() {
        for (int signal : new int[] {SignalNumbers.SIGKILL, 0, -1, 65}) {
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class,
                            () -> HostSignals.handle(List.of(signal), number -> {}));
            assertEquals(Errno.EINVAL, refused.errno());
        }
    }
}
