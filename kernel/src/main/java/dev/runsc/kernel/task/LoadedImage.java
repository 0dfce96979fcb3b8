package dev.runsc.kernel.task;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.state.Savable;

/**
 * A program ready to run, before the task takes it on.
 *
 * @param memory its address space, with one user
 * @param cpuState the registers it starts with
 * @param executable the file, for /proc/pid/exe
 * @param name what the task will be called
 * @param credentials who it will run as
 * @param secure whether privileges changed (AT_SECURE)
 */
public record LoadedImage(
        MemoryManager memory,
        CpuState cpuState,
        Location executable,
        String name,
        Credentials credentials,
        boolean secure)
        implements Savable {}
