package dev.runsc.kernel.ipc;

import dev.runsc.kernel.auth.Credentials;

/** Who makes a call. */
public record IpcCaller(Credentials credentials, ProcessId process) {}
