package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.Spawn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Hands the rest of a command over to a copy of this program that stays when this one ends. */
public final class BackgroundCommand {
    private BackgroundCommand() {}

    /**
     * Starts the copy and waits until it says that it is ready; the exit code is then 0, or the
     * copy's own when it ended before.
     *
     * @param readyFlag the flag by which the copy learns where to say so
     * @param descriptors ours, which the copy gets under the same numbers
     */
    public static int run(
            List<String> globalFlags,
            String command,
            List<String> words,
            String readyFlag,
            Map<Integer, Integer> descriptors)
            throws Failure {
        return run(globalFlags, command, words, readyFlag, descriptors, Map.of());
    }

    /**
     * The same.
     *
     * @param standard standard descriptors of the copy, by its numbers
     */
    private static int run(
            List<String> globalFlags,
            String command,
            List<String> words,
            String readyFlag,
            Map<Integer, Integer> descriptors,
            Map<Integer, Integer> standard)
            throws Failure {
        try {
            HostFd[] ready = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
            int pid;
            try (HostFd write = ready[1]) {
                int readyFd = 3;
                for (int fd : descriptors.values()) {
                    readyFd = Math.max(readyFd, fd + 1);
                }
                List<String> arguments = new ArrayList<>(globalFlags);
                arguments.add(command);
                arguments.add(readyFlag);
                arguments.add(String.valueOf(readyFd));
                arguments.addAll(words);
                Spawn spawn =
                        new Spawn(JvmCommand.program())
                                .arguments(JvmCommand.arguments(Role.CLI, arguments))
                                .environment(System.getenv())
                                .newSession();
                for (int fd : descriptors.values()) {
                    spawn.descriptor(fd, fd);
                }
                standard.forEach(spawn::descriptor);
                spawn.descriptor(readyFd, write.number());
                pid = spawn.start();
            }
            try (HostFd read = ready[0]) {
                if (HostFiles.read(read.number(), ByteBuffer.allocateDirect(1)) == 1) {
                    return 0;
                }
            }
            HostProcess.Exit exit = HostProcess.waitFor(pid);
            return exit.signaled() ? Failure.EXIT_CODE : exit.status();
        } catch (ErrnoException e) {
            throw new Failure("starting " + command + " in the background: " + e.getMessage(), e);
        }
    }

    /** As {@link #run} for a copy that has nothing of ours and says nothing. */
    public static int runSilently(
            List<String> globalFlags, String command, List<String> words, String readyFlag)
            throws Failure {
        try (HostFd nothing =
                HostTree.open("/dev/null", OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, 0)) {
            int fd = nothing.number();
            return run(
                    globalFlags, command, words, readyFlag, Map.of(), Map.of(0, fd, 1, fd, 2, fd));
        } catch (ErrnoException e) {
            throw new Failure("starting " + command + " in the background: " + e.getMessage(), e);
        }
    }

    /** Runs a copy of this program with our standard descriptors and waits for its end. */
    public static int runAndWait(Role role, List<String> words) throws Failure {
        try {
            List<String> arguments = JvmCommand.arguments(role, words);
            String program = JvmCommand.program();
            if (role == Role.START) {
                arguments.addAll(1, List.of(program, JvmCommand.dist()));
                program = JvmCommand.dist() + "/prestart";
            }
            Spawn spawn = new Spawn(program).arguments(arguments).environment(System.getenv());
            for (int fd = 0; fd <= 2; fd++) {
                spawn.descriptor(fd, fd);
            }
            HostProcess.Exit exit = HostProcess.waitFor(spawn.start());
            return exit.signaled() ? Failure.EXIT_CODE : exit.status();
        } catch (ErrnoException e) {
            throw new Failure("starting " + words + ": " + e.getMessage(), e);
        }
    }

    /** In the copy: says that all is well. */
    public static void tellReady(int readyFd) throws Failure {
        try (HostFd fd = HostFd.own(readyFd)) {
            HostFiles.writeFully(fd.number(), ByteBuffer.allocateDirect(1).put((byte) 'r').flip());
        } catch (ErrnoException e) {
            throw new Failure("telling the waiting command: " + e.getMessage(), e);
        }
    }
}
