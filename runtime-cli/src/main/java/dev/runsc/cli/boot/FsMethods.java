package dev.runsc.cli.boot;

import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.image.UpperArchive;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Diagnostics;
import dev.runsc.kernel.KernelException;
import java.io.IOException;
import java.util.List;

/** {@code Fs}: files of a container, for those outside. What is read goes into a descriptor. */
final class FsMethods implements ControlObject {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int FILES_MAX = 1024;

    private final Loader loader;

    FsMethods(Loader loader) {
        this.loader = loader;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, KernelException {
        return switch (method) {
            case Methods.FS_READ -> read(request);
            case Methods.FS_CAT -> concatenate(request);
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
        try (HostFd target = request.take("target");
                FdOutput out = new FdOutput(target)) {
            return bytes(copy(kernel, id, path, offset, left, out));
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "writing: " + e.getMessage(), e);
        }
    }

    /** {@code files}: one after another; what was written before one that fails stays. */
    private Reply concatenate(ObjectRequest request)
            throws ControlFault, JsonFault, KernelException {
        String id = request.id();
        List<String> files = request.texts("files", FILES_MAX);
        if (files.isEmpty()) {
            throw new ControlFault(Code.BAD_REQUEST, "\"files\" is missing");
        }
        Diagnostics kernel = loader.kernelFor(id, "read in").diagnostics();
        long done = 0;
        try (HostFd target = request.take("target");
                FdOutput out = new FdOutput(target)) {
            for (String file : files) {
                done += copy(kernel, id, file, 0, Long.MAX_VALUE, out);
            }
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "writing: " + e.getMessage(), e);
        }
        return bytes(done);
    }

    private static Reply bytes(long count) {
        return new Reply(new JsonText().beginObject().field("bytes", count).endObject().text());
    }

    /** Copies what there is of a file, {@code most} bytes at most; how many those were. */
    private static long copy(
            Diagnostics kernel, String id, String path, long offset, long most, FdOutput out)
            throws KernelException, IOException {
        long done = 0;
        byte[] piece = new byte[(int) Math.min(PIECE_BYTES, Math.max(1, most))];
        // An empty read too finds out whether there is such a file.
        do {
            long left = most - done;
            byte[] wanted =
                    left >= piece.length ? piece : java.util.Arrays.copyOf(piece, (int) left);
            int count = kernel.read(id, path, offset + done, wanted);
            out.write(wanted, 0, count);
            done += count;
            if (count < wanted.length) {
                break;
            }
        } while (done < most);
        return done;
    }

    private Reply tar(ObjectRequest request) throws ControlFault, JsonFault, KernelException {
        String id = request.id();
        Diagnostics kernel = loader.kernelFor(id, "read in").diagnostics();
        try (HostFd target = request.take("archive");
                FdOutput out = new FdOutput(target)) {
            kernel.walkRootUpper(id, upper -> UpperArchive.write(upper, out));
        } catch (IOException e) {
            throw new ControlFault(Code.INTERNAL, "writing: " + e.getMessage(), e);
        }
        return Reply.EMPTY;
    }
}
