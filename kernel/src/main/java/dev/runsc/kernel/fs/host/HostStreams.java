package dev.runsc.kernel.fs.host;

import dev.runsc.gofer.host.HostFd;
import java.util.Map;

/**
 * The host descriptors handed to containers, by name: {@code container:number}, the number being
 * the guest's descriptor. A restore supplies them anew.
 */
public record HostStreams(Map<String, HostFd> byName, HostPoller poller) {}
