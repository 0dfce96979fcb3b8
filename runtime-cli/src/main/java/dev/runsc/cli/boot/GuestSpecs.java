package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.kernel.ContainerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the containers of the sandbox were made from, for images that tell. */
final class GuestSpecs {
    /** By the names that images have for the containers; the last one of each. */
    @GuardedBy("this")
    private final Map<String, ContainerSpec> specs = new LinkedHashMap<>();

    synchronized void put(Collection<ContainerSpec> more) {
        more.forEach(spec -> specs.put(spec.name(), spec));
    }

    /** That of the container with an id. */
    synchronized ContainerSpec require(String id) throws ControlFault {
        for (ContainerSpec spec : specs.values()) {
            if (spec.id().equals(id)) {
                return spec;
            }
        }
        throw new ControlFault(Code.NO_CONTAINER, "no container \"" + id + "\" in this sandbox");
    }

    /** Those of the containers of these names. */
    synchronized List<ContainerSpec> of(Collection<String> names) {
        List<ContainerSpec> found = new ArrayList<>();
        for (String name : names) {
            ContainerSpec spec = specs.get(name);
            if (spec != null) {
                found.add(spec);
            }
        }
        return found;
    }
}
