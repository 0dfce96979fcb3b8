package dev.runsc.cli.oci;

import dev.runsc.cli.base.Failure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The annotation that names an archive of the layer over a root. */
public final class RootfsArchive {
    private static final String ANNOTATION = "dev.gvisor.tar.rootfs.upper";

    private RootfsArchive() {}

    /**
     * The archive that a container is to begin with; null for none. The annotation that ends with
     * the container's name comes first.
     *
     * @param allowed whether annotations may name one: whoever writes them reads files of the host
     */
    public static @Nullable Path of(OciSpec spec, String id, boolean allowed) throws Failure {
        String own = ANNOTATION + "." + spec.containerName(id);
        String key = spec.annotations().containsKey(own) ? own : ANNOTATION;
        String path = spec.annotations().get(key);
        if (path == null) {
            return null;
        }
        if (!allowed) {
            throw new Failure("annotation " + key + " needs --allow-rootfs-tar-annotation");
        }
        try {
            Path archive = Path.of(path);
            if (archive.isAbsolute()) {
                return archive;
            }
        } catch (InvalidPathException e) {
            throw new Failure("annotation " + key + ": " + Failure.reason(e), e);
        }
        throw new Failure("annotation " + key + " is no absolute path");
    }
}
