package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders and files of the host in containers: where they come, with what options, who sees what.
 */
class MountsTest extends ScriptTest {
    @TempDir Path data;

    @BeforeEach
    void fill() throws Exception {
        Files.writeString(data.resolve("file"), "one\n");
    }

    @Test
    void mountsGoWhereLinksLead() throws Exception {
        Path link = Files.createSymbolicLink(scratch.resolve("link"), data);
        Path root = Files.createDirectories(scratch.resolve("root/bin"));
        Files.copy(Path.of("/bin/busybox"), root.resolve("busybox"));
        Path top = scratch.resolve("root");
        Files.createDirectory(top.resolve("place"));
        Files.createSymbolicLink(top.resolve("relative"), Path.of("place"));
        Files.createSymbolicLink(top.resolve("absolute"), Path.of("/place"));
        Files.createSymbolicLink(top.resolve("outside"), Path.of("../../../../../made"));
        String bundle =
                bundle(
                        "b",
                        "busybox cat /place/file /place/below/file /made/file /single",
                        "\"path\": \"/\"",
                        "\"path\": \"" + top + "\"",
                        "\"/bin/sh\",",
                        "\"busybox\", \"sh\",",
                        "PATH=/usr/bin:/bin",
                        "PATH=/bin",
                        MOUNTS_END,
                        further(
                                bind(link, "/relative", "\"rbind\"")
                                        + bind(data, "/absolute/below", "\"rbind\"")
                                        + bind(data, "/outside", "\"rbind\", \"ro\"")
                                        + bind(data.resolve("file"), "/single", "\"rbind\"")));
        assertEquals(
                List.of("one", "one", "one", "one"),
                runsc.call("run", "-b", bundle, "c").expect(0).out());
        assertFalse(Files.exists(scratch.resolve("made")), "links end at the container's root");
    }

    @Test
    void optionsMakeAMountWhatItIs() throws Exception {
        Path second = Files.createDirectory(scratch.resolve("second"));
        Files.writeString(second.resolve("file"), "two\n");
        String typeless =
                "{\"destination\": \"%s\", %s\"source\": \"%s\", \"options\": [\"%s\"]}, ";
        String bundle =
                bundle(
                        "b",
                        "cat /srv/a/file /srv/b/file /srv/c/file; umount /srv/c; cat /srv/c/file;"
                                + " grep -E ' /srv/[abd] ' /proc/self/mountinfo | cut -d' ' -f5,6;"
                                + " echo x > /srv/b/file; /srv/d/true",
                        MOUNTS_END,
                        further(
                                typeless.formatted("/srv/a", "\"type\": \"none\", ", data, "bind")
                                        + typeless.formatted("/srv/b", "", data, "rbind\", \"ro")
                                        + bind(data, "/srv/c", "\"rbind\"")
                                        + bind(second, "/srv/c", "\"rbind\"")
                                        + bind(second, "/srv/c", "\"rbind\"")
                                        + bind(
                                                Path.of("/bin"),
                                                "/srv/d",
                                                "\"rbind\", \"nosuid\", \"nodev\", \"noexec\", \"noatime\"")));
        Runsc.Outcome outcome = runsc.call("run", "-b", bundle, "c").expect(126);
        assertEquals(
                List.of(
                        "one",
                        "one",
                        "two",
                        "two",
                        "/srv/a rw",
                        "/srv/b ro",
                        "/srv/d rw,nosuid,nodev,noexec,noatime"),
                outcome.out());
        assertTrue(outcome.err().toString().contains("Read-only file system"), outcome::toString);
    }

    /** The host and a container change the same folder, each seeing at once what the other did. */
    @Test
    void aSharedFolderIsOne() throws Exception {
        String bundle =
                bundle(
                        "b",
                        "exec 5< /srv/v/file; " + IDLE,
                        MOUNTS_END,
                        further(bind(data, "/srv/v", "\"rbind\"")));
        start(bundle, "c");
        assertEquals(List.of("one"), in("c", "cat /srv/v/file"));
        Files.writeString(data.resolve("file"), "longer than before\n");
        Files.writeString(data.resolve("new"), "2\n");
        assertEquals(
                List.of("longer than before", "longer than before", "file", "new"),
                in("c", "cat /srv/v/file /proc/1/fd/5; ls /srv/v"));
        Files.writeString(data.resolve("file"), "o\n");
        Files.delete(data.resolve("new"));
        assertEquals(
                List.of("2", "file"),
                in("c", "stat -c %s /srv/v/file; ls /srv/v; ! cat /srv/v/new 2> /dev/null"));
        in(
                "c",
                "mkdir /srv/v/dir; echo g > /srv/v/dir/x; chmod 600 /srv/v/dir/x;"
                        + " mv /srv/v/file /srv/v/moved");
        assertEquals("g\n", Files.readString(data.resolve("dir/x")));
        assertEquals(2, Files.getPosixFilePermissions(data.resolve("dir/x")).size());
        assertEquals("o\n", Files.readString(data.resolve("moved")));
        Files.move(data.resolve("dir"), data.resolve("dir2"));
        Files.createDirectory(data.resolve("dir"));
        assertEquals(
                List.of("dir", "dir2", "moved", "x"),
                in("c", "ls /srv/v; ls /srv/v/dir; ls /srv/v/dir2"));
    }

    /** With writes kept in memory the host's folder stays as it is. */
    @Test
    void anOverlayKeepsChangesFromTheHost() throws Exception {
        String bundle =
                bundle(
                        "b",
                        "echo two >> /srv/v/file; echo new > /srv/v/new; cat /srv/v/file; ls /srv/v;"
                                + " rm /srv/v/file; ls /srv/v",
                        MOUNTS_END,
                        further(bind(data, "/srv/v", "\"rbind\"")));
        assertEquals(
                List.of("one", "two", "file", "new", "new"),
                runsc.call("--overlay2=all:memory", "run", "-b", bundle, "c").expect(0).out());
        assertEquals("one\n", Files.readString(data.resolve("file")));
        assertFalse(Files.exists(data.resolve("new")));
    }

    /** What the host mounts later below a folder is seen; what a guest mounts stays with it. */
    @Test
    void laterMountsOfTheHostCome() throws Exception {
        Path place = Files.createDirectory(data.resolve("place"));
        start(
                bundle(
                        "b",
                        IDLE,
                        MOUNTS_END,
                        further(bind(data, "/srv/v", "\"rbind\", \"rslave\""))),
                "c");
        List<String> mount = List.of("mount", "-t", "tmpfs", "none", place.toString());
        HostClient.call(mount).expect(0);
        try {
            Files.writeString(place.resolve("late"), "");
            assertEquals(List.of("late"), in("c", "ls /srv/v/place"));
            in("c", "mkdir /srv/v/guest && mount -t tmpfs none /srv/v/guest && > /srv/v/guest/own");
            try (var files = Files.list(data.resolve("guest"))) {
                assertEquals(List.of(), files.toList());
            }
        } finally {
            runsc.call("delete", "--force", "c");
            HostClient.call(List.of("umount", place.toString())).expect(0);
        }
    }

    /** On the host they are another's, in both directions, and after a restore too. */
    @Test
    void ownersAreMapped() throws Exception {
        Files.setAttribute(data.resolve("file"), "unix:uid", 1000);
        Files.setAttribute(data.resolve("file"), "unix:gid", 1001);
        Files.writeString(data.resolve("root"), "");
        Files.setAttribute(Files.writeString(data.resolve("nobody"), ""), "unix:uid", 77);
        String map =
                "[{\"containerID\": 0, \"hostID\": 5000, \"size\": 1},"
                        + " {\"containerID\": %d, \"hostID\": 0, \"size\": 1}]";
        String mapped =
                "\"options\": [\"rbind\", \"idmap\"], \"uidMappings\": %s, \"gidMappings\": %s}, "
                        .formatted(map.formatted(1000), map.formatted(1001));
        String plain = "\"options\": [\"rbind\"]}, ";
        String mounts =
                bind(data, "/srv/v", "\"rbind\"").replace(plain, mapped)
                        + bind(data.resolve("file"), "/srv/f", "\"rbind\"").replace(plain, mapped);
        String bundle = bundle("b", IDLE, MOUNTS_END, further(mounts));
        start(bundle, "c");
        assertEquals(
                List.of("file 0 0", "nobody 65534 5000", "root 5000 5000", "/srv/f 0 0"),
                in("c", "cd /srv/v; stat -c '%n %u %g' * /srv/f"));
        assertEquals(
                List.of("5000 0", "0 0", "0 0"),
                in(
                        "c",
                        "cd /srv/v; > new; mkdir dir; ln -s x link; chown 5000 new;"
                                + " ! chown 9 new 2> /dev/null; stat -c '%u %g' new dir link"));
        Path image = scratch.resolve("image");
        runsc.call("checkpoint", "--image-path", image.toString(), "c").expect(0);
        restore(bundle, image, "d").expect(0);
        in("d", "> /srv/v/late; test $(stat -c %u /srv/v/new) = 5000");
        assertEquals(0, Files.getAttribute(data.resolve("new"), "unix:uid"));
        assertEquals(1001, Files.getAttribute(data.resolve("new"), "unix:gid"));
        assertEquals(1000, Files.getAttribute(data.resolve("dir"), "unix:uid"));
        assertEquals(1000, Files.getAttribute(data.resolve("late"), "unix:uid"));
    }
}
