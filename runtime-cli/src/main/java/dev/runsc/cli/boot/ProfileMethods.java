package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;

/**
 * {@code Profile}: what this process spends itself on, as a recording of the JDK's flight recorder
 * in the descriptor that comes with the request. One at a time.
 */
final class ProfileMethods implements ControlObject {
    private static final long DURATION_MILLIS_MAX = 24L * 3600 * 1000;
    private static final Duration SAMPLE = Duration.ofMillis(10);

    private static final List<String> CPU =
            List.of("jdk.ExecutionSample", "jdk.NativeMethodSample", "jdk.CPULoad");
    private static final List<String> HEAP =
            List.of(
                    "jdk.ObjectAllocationSample",
                    "jdk.OldObjectSample",
                    "jdk.GCHeapSummary",
                    "jdk.GarbageCollection");
    private static final List<String> BLOCK =
            List.of("jdk.ThreadPark", "jdk.JavaMonitorWait", "jdk.ThreadSleep");
    private static final List<String> MUTEX = List.of("jdk.JavaMonitorEnter", "jdk.ThreadPark");

    /**
     * Not samples but what happened when, from beginning to end: threads, what they wait for, and
     * what stops all of them.
     */
    private static final List<String> TRACE =
            List.of(
                    "jdk.ThreadStart",
                    "jdk.ThreadEnd",
                    "jdk.ThreadPark",
                    "jdk.ThreadSleep",
                    "jdk.JavaMonitorEnter",
                    "jdk.JavaMonitorWait",
                    "jdk.ExecuteVMOperation",
                    "jdk.SafepointBegin",
                    "jdk.GarbageCollection",
                    "jdk.GCPhasePause",
                    "jdk.Compilation",
                    "jdk.ThreadCPULoad",
                    "jdk.CPULoad");

    @GuardedBy("this")
    private boolean recording;

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault {
        List<String> events =
                switch (method) {
                    case Methods.PROFILE_CPU -> CPU;
                    case Methods.PROFILE_HEAP -> HEAP;
                    case Methods.PROFILE_BLOCK -> BLOCK;
                    case Methods.PROFILE_MUTEX -> MUTEX;
                    case Methods.PROFILE_TRACE -> TRACE;
                    default -> throw ControlObjects.unknown(method);
                };
        long millis = request.number("durationMillis", 1000, 1, DURATION_MILLIS_MAX);
        synchronized (this) {
            if (recording) {
                throw new ControlFault(Code.BUSY, "another profile is being recorded");
            }
            recording = true;
        }
        try (HostFd target = request.take("profile")) {
            connection.park(() -> {
                record(events, millis, target);
                return Boolean.TRUE;
            });
        } finally {
            synchronized (this) {
                recording = false;
            }
        }
        return Reply.EMPTY;
    }

    private static void record(List<String> events, long millis, HostFd target)
            throws ControlFault {
        try (Recording recording = new Recording()) {
            for (String event : events) {
                var settings = recording.enable(event).withStackTrace().withoutThreshold();
                if (event.endsWith("Sample") && !event.startsWith("jdk.O")) {
                    settings.withPeriod(SAMPLE);
                }
            }
            recording.start();
            // Nobody counts it down: a wait with a limit.
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
            recording.stop();
            try (InputStream in = recording.getStream(null, null);
                    FdOutput out = new FdOutput(target)) {
                if (in == null) {
                    throw new ControlFault(Code.INTERNAL, "the recording is empty");
                }
                in.transferTo(out);
            }
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "recording: " + Failure.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        }
    }
}
