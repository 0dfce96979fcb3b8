package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.OciSpec.Device;
import dev.runsc.cli.oci.OciSpec.IdMapping;
import dev.runsc.cli.oci.SeccompCompiler;
import dev.runsc.cli.oci.SeccompProfile;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.LinuxSettings;
import dev.runsc.kernel.LinuxSettings.DeviceNode;
import dev.runsc.kernel.LinuxSettings.IdRange;
import java.util.ArrayList;
import java.util.List;

/** The {@code linux} object of a config.json in the words of the kernel. */
final class LinuxConversion {
    private LinuxConversion() {}

    static LinuxSettings of(OciSpec.Linux linux) throws Failure {
        LinuxSettings.Filter filter = null;
        if (!linux.seccomp().isEmpty() && !linux.seccomp().equals("null")) {
            SeccompProfile profile = SeccompProfile.read(linux.seccomp());
            filter = new LinuxSettings.Filter(SeccompCompiler.compile(profile), profile.logs());
        }
        List<DeviceNode> devices = new ArrayList<>();
        for (Device device : linux.devices()) {
            int type =
                    switch (device.type()) {
                        case "b" -> FileMode.S_IFBLK;
                        case "p" -> FileMode.S_IFIFO;
                        default -> FileMode.S_IFCHR;
                    };
            devices.add(
                    new DeviceNode(
                            device.path(),
                            type,
                            device.major(),
                            device.minor(),
                            device.fileMode(),
                            device.uid(),
                            device.gid()));
        }
        boolean users = linux.hasUserNamespace() && !linux.uidMappings().isEmpty();
        if (users && linux.gidMappings().isEmpty()) {
            throw new Failure("linux.uidMappings without linux.gidMappings");
        }
        return new LinuxSettings(
                filter,
                linux.sysctl(),
                devices,
                users ? ranges(linux.uidMappings()) : List.of(),
                users ? ranges(linux.gidMappings()) : List.of());
    }

    private static List<IdRange> ranges(List<IdMapping> mappings) {
        List<IdRange> ranges = new ArrayList<>();
        for (IdMapping mapping : mappings) {
            ranges.add(
                    new IdRange(
                            Integer.toUnsignedLong(mapping.containerId()),
                            Integer.toUnsignedLong(mapping.hostId()),
                            Integer.toUnsignedLong(mapping.size())));
        }
        return ranges;
    }
}
