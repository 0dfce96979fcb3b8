package dev.runsc.cli.boot;

import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.wire.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Diagnostics;
import dev.runsc.kernel.KernelException;
import java.io.IOException;

/** {@code Fs}: files of a container, for those outside. What is read goes into a descriptor. */
final class FsMethods implements ControlObject {
    private static final int PIECE_BYTES = 1 << 20;

    private final Loader loader;

    FsMethods(Loader loader) {
        this.loader = loader;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, KernelException {
        return switch (method) {
            case Methods.FS_READ -> read(request);
            case Methods.FS_TAR_ROOTFS_UPPER -> tar(request);
            default -> throw ControlObjects.unknown(method);
        };
    }

    /** {@code path}, {@code offset}, {@code size}: negative for all there is. */
    private Reply read(ObjectRequest request) throws ControlFault, JsonFault, KernelException {
        String id = request.id();
        String path = request.text("path", "");
        long offset = request.number("offset", 0, 0, Long.MAX_VALUE);
        long size = request.number("size", -1, -1, Long.MAX_VALUE);
        long left = size < 0 ? Long.MAX_VALUE - offset : Math.min(size, Long.MAX_VALUE - offset);
        Diagnostics kernel = loader.kernelFor(id, "read in").diagnostics();
        long done = 0;
        try (HostFd target = request.take("target");
                FdOutput out = new FdOutput(target)) {
            byte[] piece = new byte[(int) Math.min(PIECE_BYTES, Math.max(1, left))];
            // An empty read too finds out whether there is such a file.
            do {
                byte[] wanted =
                        left >= piece.length ? piece : java.util.Arrays.copyOf(piece, (int) left);
                int count = kernel.read(id, path, offset + done, wanted);
                out.write(wanted, 0, count);
                done += count;
                left -= count;
                if (count < wanted.length) {
                    break;
                }
            } while (left > 0);
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "writing: " + e.getMessage(), e);
        }
        return new Reply(new JsonText().beginObject().field("bytes", done).endObject().text());
    }

    private Reply tar(ObjectRequest request) throws ControlFault, JsonFault, KernelException {
        String id = request.id();
        Diagnostics kernel = loader.kernelFor(id, "read in").diagnostics();
        try (HostFd target = request.take("archive");
                FdOutput out = new FdOutput(target);
                UpperArchive archive = new UpperArchive(kernel, id, out)) {
            kernel.walkRootUpper(id, archive);
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "writing: " + e.getMessage(), e);
        }
        return Reply.EMPTY;
    }
}
