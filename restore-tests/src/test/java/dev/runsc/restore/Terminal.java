package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The other end of a container's terminal ({@code src/guest/host/terminal.c}). */
final class Terminal implements AutoCloseable {
    private static final String PROGRAM = Bundle.hostProgram("terminal").toString();
    private static final String STATUS = "@@status ";

    private final Command command;

    private Terminal(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(PROGRAM));
        all.addAll(List.of(words));
        command = Command.start(all);
    }

    /** Waits on a console socket for a terminal that somebody sends. */
    static Terminal listen(Path socket) throws IOException, InterruptedException {
        Terminal terminal = new Terminal("listen", socket.toString());
        terminal.sees("@@listening");
        return terminal;
    }

    /** A console socket at which nobody looks. */
    static Terminal deaf(Path socket) throws IOException, InterruptedException {
        Terminal terminal = new Terminal("deaf", socket.toString());
        terminal.sees("@@listening");
        return terminal;
    }

    /** Runs a command on a terminal of its own. */
    static Terminal run(List<String> words) throws IOException {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(words);
        return new Terminal(all.toArray(String[]::new));
    }

    /** The terminal that was sent. */
    Terminal received() throws InterruptedException {
        return sees("@@terminal");
    }

    Terminal type(String line) throws IOException {
        command.say("type " + line + "\n");
        return this;
    }

    /** Types without an end of line and waits for the echo. */
    Terminal keys(String text) throws IOException, InterruptedException {
        command.say("keys " + text + "\n");
        return sees("@@echoed");
    }

    Terminal control(char key) throws IOException {
        command.say("control " + key + "\n");
        return this;
    }

    Terminal resize(int rows, int columns) throws IOException {
        command.say("size " + rows + " " + columns + "\n");
        return this;
    }

    /** Waits for a line. */
    Terminal sees(String line) throws InterruptedException {
        command.awaitLine(line::equals);
        return this;
    }

    /** Waits for a line that ends with something; what stands before it. */
    String before(String end) throws InterruptedException {
        String line = command.awaitLine(each -> each.endsWith(end));
        return line.substring(0, line.length() - end.length());
    }

    Terminal seesHangUp() throws InterruptedException {
        return sees("@@hung up");
    }

    /** The exit code of the command that runs on it. */
    int status() throws InterruptedException {
        String line = command.awaitLine(each -> each.startsWith(STATUS));
        return Integer.parseInt(line.substring(STATUS.length()));
    }

    /** Ends without a word; a socket it listened at stays in its folder. */
    void leave() {
        command.close();
        command.handle().onExit().join();
    }

    @Override
    public void close() {
        leave();
    }
}
