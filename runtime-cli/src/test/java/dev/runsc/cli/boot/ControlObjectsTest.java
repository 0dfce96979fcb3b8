package dev.runsc.cli.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sandbox that waits for a restore, asked all that can be asked. */
class ControlObjectsTest {
    @TempDir private Path folder;

    private HostFd listener;
    private Path path;

    @BeforeEach
    void serve() throws ErrnoException {
        path = folder.resolve("s.sock");
        listener = HostSockets.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0);
        HostSockets.bind(listener.number(), HostSockets.unixAddress(path.toString()));
        HostSockets.listen(listener.number(), 16);
        HostFd memory = HostFiles.memfdCreate("memory", DescriptorFlags.MFD_CLOEXEC);
        BootDocument document =
                new BootDocument(
                        "c",
                        "",
                        "/stub",
                        false,
                        "",
                        0,
                        false,
                        -1,
                        -1,
                        -1,
                        -1,
                        memory.release(),
                        -1,
                        Map.of(),
                        Map.of(),
                        0,
                        BootDocument.Files.NONE,
                        new BootDocument.Watch(32, false, 180_000, -1, -1));
        new ControlServer(listener, new ControlObjects(new Loader(document))).start();
    }

    @AfterEach
    void stop() throws ErrnoException {
        HostSockets.shutdown(listener.number(), SocketConstants.SHUT_RDWR);
    }

    private String call(String method, String arguments, int... descriptors) throws ControlFault {
        try (ControlClient client = ControlClient.connect(path)) {
            return client.call(method, arguments, descriptors).result();
        }
    }

    private void refused(Code code, String method, String arguments) {
        ControlFault fault = assertThrows(ControlFault.class, () -> call(method, arguments));
        assertEquals(code, fault.code(), method + arguments + ": " + fault.getMessage());
    }

    @Test
    void everyMethodAnswersOrSaysWhyNot() throws ReflectiveOperationException {
        for (Field field : Methods.class.getFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            String method = String.valueOf(field.get(null));
            if (method.equals(Methods.LIFECYCLE_SHUTDOWN)
                    || method.equals(Methods.WAIT_CHECKPOINT)
                    || method.equals(Methods.WAIT_FS_CHECKPOINT)
                    || method.equals(Methods.WAIT_CHECKPOINT_REQUEST)) {
                continue;
            }
            try {
                call(method, "{\"id\": \"nobody\"}");
            } catch (ControlFault e) {
                assertFalse(e.code() == Code.UNKNOWN_METHOD, method);
                assertFalse(e.code() == Code.INTERNAL, method + ": " + e.getMessage());
                assertFalse(e.code() == Code.DISCONNECTED, method);
            }
        }
    }

    @Test
    void unknownNamesAreToldSo() {
        for (String method :
                List.of("", ".", "Fs.", "Fs.Nope", "Nope.Read", "Lifecycle.Nope", "Profile.Nope")) {
            refused(Code.UNKNOWN_METHOD, method, "{}");
        }
    }

    @Test
    void malformedRequestsAreErrors() {
        for (String method :
                List.of(
                        Methods.FS_READ,
                        Methods.LOGGING_CHANGE,
                        Methods.CREATE_TRACE_SESSION,
                        Methods.FS_CAT,
                        Methods.PROC_SIGNAL,
                        Methods.STATE_SAVE,
                        Methods.USAGE_REDUCE,
                        Methods.LIFECYCLE_REAP,
                        Methods.PROFILE_CPU,
                        Methods.PROFILE_TRACE,
                        Methods.STACKS)) {
            refused(Code.BAD_REQUEST, method, "[]");
            refused(Code.BAD_REQUEST, method, "{\"a\": }");
            refused(Code.BAD_REQUEST, method, "{" + "\"a\": 1,".repeat(100) + "\"b\": 1}");
        }
        refused(Code.BAD_REQUEST, Methods.FS_READ, "{\"offset\": -1}");
        refused(Code.BAD_REQUEST, Methods.FS_READ, "{\"id\": 7}");
        refused(Code.BAD_REQUEST, Methods.PROFILE_CPU, "{}");
        refused(Code.BAD_REQUEST, Methods.PROFILE_CPU, "{\"durationMillis\": 0}");
        refused(Code.BAD_REQUEST, Methods.LOGGING_CHANGE, "{\"level\": \"loud\"}");
        refused(Code.BAD_REQUEST, Methods.LOGGING_CHANGE, "{\"strace\": \"read,nope\"}");
        refused(Code.BAD_REQUEST, Methods.CREATE_TRACE_SESSION, "{\"config\": {}}");
    }

    /** However far a method came with them before it failed. */
    @Test
    void refusedRequestsKeepNoDescriptor() throws Exception {
        try (HostFd fd = HostFiles.memfdCreate("refused", DescriptorFlags.MFD_CLOEXEC)) {
            keepsNone(fd, Methods.EXECUTE_ASYNC, "{\"id\": \"c\", \"descriptors\": [0, 1]");
            keepsNone(fd, Methods.EXECUTE_ASYNC, "{\"descriptors\": [0, 1, 1]}");
            keepsNone(fd, Methods.EXECUTE_ASYNC, "{\"descriptors\": [0, 1]}");
            String guest = "\"descriptors\": [0, 1, 2]";
            keepsNone(fd, Methods.EXECUTE_ASYNC, "{" + guest + ", \"process\": {\"args\": 7}}");
            String process = "\"process\": {\"args\": [\"/x\"], \"capabilities\": [0, 0, 0, 0, 0]}";
            keepsNone(fd, Methods.EXECUTE, "{\"id\": \"c\", " + guest + ", " + process + "}");
            String container = "\"gofers\": [\"d:/\"], \"container\": {" + process + "}";
            String numbers = ", \"descriptors\": [0]}";
            for (String method :
                    List.of(Methods.CREATE_SUBCONTAINER, Methods.RESTORE_SUBCONTAINER)) {
                keepsNone(fd, method, "{\"id\": \"d\", " + container + numbers);
                keepsNone(fd, method, "{\"gofers\": [\"d:/\"], \"container\": {}" + numbers);
                keepsNone(fd, method, "{\"gofers\": [\"d:/\", \"d:/\"]}");
                keepsNone(fd, method, "{\"gofers\": [\"a\", \"b\", \"c\"]}");
                keepsNone(fd, method, "{}");
            }
            keepsNone(fd, Methods.RESTORE, "{\"gofers\": [\"d:/\"]}");
            keepsNone(fd, Methods.CHECKPOINT, "{}");
            keepsNone(fd, Methods.WAIT_PID, "{\"id\": \"nobody\"}");
            keepsNone(fd, Methods.FS_READ, "{\"id\": \"c\", \"path\": \"/\"}");
            keepsNone(fd, Methods.PROFILE_CPU, "{\"durationMillis\": 0}");
            keepsNone(fd, Methods.PROFILE_TRACE, "{\"durationMillis\": 0}");
            keepsNone(fd, Methods.STATE_SAVE, "{}");
            keepsNone(fd, Methods.FS_CAT, "{\"id\": \"c\", \"files\": [\"/\"]}");
            keepsNone(fd, Methods.PROC_SIGNAL, "{\"pid\": 1, \"signal\": 1}");
            keepsNone(fd, Methods.USAGE_REDUCE, "{}");
            keepsNone(fd, Methods.CREATE_TRACE_SESSION, "{\"config\": {}}");
            keepsNone(fd, "Nope.Nope", "{}");
        }
    }

    /** Sends three copies; the call fails, and ours is the only one afterwards. */
    private void keepsNone(HostFd fd, String method, String arguments) throws Exception {
        int number = fd.number();
        ControlFault fault =
                assertThrows(
                        ControlFault.class, () -> call(method, arguments, number, number, number));
        assertEquals(1, descriptorsOf(fd), () -> method + arguments + ": " + fault.getMessage());
        assertTrue(
                fault.code() != Code.INTERNAL && fault.code() != Code.DISCONNECTED,
                () -> method + arguments + ": " + fault.getMessage());
    }

    /** How many descriptors of this process are of its file. */
    private static long descriptorsOf(HostFd fd) throws Exception {
        Path folder = Path.of("/proc/self/fd");
        Path wanted = Files.readSymbolicLink(folder.resolve(String.valueOf(fd.number())));
        long found = 0;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                try {
                    found += Files.readSymbolicLink(each).equals(wanted) ? 1 : 0;
                } catch (NoSuchFileException e) {
                    assertFalse(each.endsWith(String.valueOf(fd.number())), "closed meanwhile");
                }
            }
        }
        return found;
    }

    @Test
    void stateIsToldWhileNothingRuns() throws ControlFault {
        assertTrue(call(Methods.STACKS, "{}").contains("control connection"));
        assertEquals("{\"running\":false}", call(Methods.LIFECYCLE_IS_RUNNING, "{\"id\": \"c\"}"));
        refused(Code.NO_CONTAINER, Methods.LIFECYCLE_IS_RUNNING, "{\"id\": \"d\"}");
        refused(Code.WRONG_STATE, Methods.LIFECYCLE_EXIT_STATUS, "{\"id\": \"c\"}");
        refused(Code.WRONG_STATE, Methods.WAIT_RESTORE, "{\"id\": \"c\"}");
        refused(Code.WRONG_STATE, Methods.FS_READ, "{\"id\": \"c\", \"path\": \"/\"}");
        refused(Code.WRONG_STATE, Methods.METRICS_EXPORT, "{}");
        assertTrue(call(Methods.METRICS_REGISTERED, "{}").contains("\"tasks\""));
    }

    @Test
    void sessionsComeAndGo() throws Exception {
        String config =
                "{\"config\": {\"trace_session\": {\"points\": [{\"name\": \"sentry/clone\"}],"
                        + " \"sinks\": [{\"name\": \"file\", \"config\": {\"path\": \"/x\"}}]}}";
        refused(Code.BAD_REQUEST, Methods.CREATE_TRACE_SESSION, config + "}");
        try (HostFd file = HostFiles.memfdCreate("sink", DescriptorFlags.MFD_CLOEXEC)) {
            call(Methods.CREATE_TRACE_SESSION, config + "}", file.number());
            ControlFault twice =
                    assertThrows(
                            ControlFault.class,
                            () -> call(Methods.CREATE_TRACE_SESSION, config + "}", file.number()));
            assertEquals(Code.WRONG_STATE, twice.code());
            call(Methods.CREATE_TRACE_SESSION, config + ", \"force\": true}", file.number());
        }
        assertEquals(
                "{\"sessions\":[{\"name\":\"Default\",\"sinks\":[{\"name\":\"file\",\"dropped\":0}]}]}",
                call(Methods.LIST_TRACE_SESSIONS, "{}"));
        call(Methods.DELETE_TRACE_SESSION, "{}");
        refused(Code.WRONG_STATE, Methods.DELETE_TRACE_SESSION, "{}");
    }

    @Test
    void aProfileGoesIntoTheDescriptor() throws Exception {
        Path file = Files.createFile(folder.resolve("cpu.jfr"));
        try (HostFd target = HostFiles.memfdCreate("profile", DescriptorFlags.MFD_CLOEXEC)) {
            call(Methods.PROFILE_CPU, "{\"durationMillis\": 50}", target.number());
            Files.copy(
                    Path.of("/proc/self/fd/" + target.number()),
                    file,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        assertEquals(
                "FLR",
                new String(
                        Files.readAllBytes(file),
                        0,
                        3,
                        java.nio.charset.StandardCharsets.US_ASCII));
    }
}
