package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Containers see images of the host as the folders that those were made of. */
class ErofsTest extends ScriptTest {
    /** Makes a tree with a bit of everything; {@code $1} is where. */
    private static final String TREE =
            """
            mkdir -p "$1/bin" "$1/etc" "$1/many/deep"
            cp /bin/busybox "$1/bin/busybox"
            for name in sh ls cat sleep echo mkdir find sort md5sum touch; do ln -s busybox "$1/bin/$name"; done
            cd "$1"
            echo conf > etc/conf
            : > empty
            head -c 4096 /dev/urandom > page
            head -c 300001 /dev/urandom > odd
            truncate -s 100000 holes
            ln odd many/hard
            ln -s "$(printf 'many/../%.0s' $(seq 400))many" long
            for i in $(seq 1500); do echo $i > "many/deep/a file with a longer name $i"; done
            mkfifo fifo
            chmod 4751 page
            touch -d '2001-02-03 04:05:06.789' page
            python3 -c '
            import os
            os.setxattr("odd", b"user.one", b"first")
            os.setxattr("page", b"user.one", b"first")
            os.setxattr("page", b"user.two", b"x" * 2000)'
            [ "$(id -u)" != 0 ] || { chown 1000:70000 page; mknod char c 5 300; mknod block b 259 70000; }
            """;

    /**
     * Says all there is to say of the tree it runs in. A folder's size is its file system's own.
     */
    private static final String SAY =
            """
            find . ! -type d -printf '%P %y %m %U %G %n %s %T@ %l\\n' | sort
            find . -type d -printf '%P %y %m %U %G %T@\\n' | sort
            find . -type f -exec md5sum {} + | sort
            python3 -c '
            import mmap, os
            for name in ["odd", "page", "bin/busybox"]:
                print(name, [(x, os.getxattr(name, x)) for x in sorted(os.listxattr(name)) if x[:5] == "user."])
                with open(name, "rb") as f:
                    with mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m:
                        print(hash(m[:]) == hash(f.read()))
            print([oct(os.stat(x).st_rdev) for x in ["char", "block"] if os.path.exists(x)])'
            """;

    private Path tree() {
        return scratch.resolve("tree");
    }

    private static List<String> onHost(Path folder, String script, String... arguments)
            throws Exception {
        List<String> words = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
        words.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(words)
                        .directory(folder.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        process.getOutputStream().close();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), script);
        return lines;
    }

    /** Makes an image of the tree, which is made before if it is not there. */
    private Path image(String name, String... options) throws Exception {
        if (!Files.exists(tree())) {
            Files.createDirectory(tree());
            onHost(scratch, TREE, tree().toString());
        }
        Path image = scratch.resolve(name);
        List<String> words = new ArrayList<>(List.of(options));
        words.add(image.toString());
        words.add(tree().toString());
        onHost(scratch, "mkfs.erofs --quiet \"$@\" 2>&1", words.toArray(String[]::new));
        return image;
    }

    private static String mount(Path image, String place) {
        return "{\"destination\": \"%s\", \"type\": \"erofs\", \"source\": \"%s\"}, "
                .formatted(place, image);
    }

    private static String[] root(Path image, String overlay) {
        String texts =
                ("\"dev.gvisor.spec.rootfs.source\": \"%s\", \"dev.gvisor.spec.rootfs.type\": \"erofs\","
                                + " \"dev.gvisor.spec.rootfs.overlay\": \"%s\"")
                        .formatted(image, overlay);
        return new String[] {
            "\"linux\": {",
            "\"annotations\": {" + texts + "}, \"linux\": {",
            "PATH=/usr/bin:/bin",
            "PATH=/bin",
            "\"root\": {\"path\": \"/\"",
            "\"root\": {\"path\": \"not there\""
        };
    }

    @Test
    void mountsOfAConfigurationShowWhatTheHostHas() throws Exception {
        Path plain = image("plain");
        Path chunks = image("chunks", "--chunksize=4096");
        Path large = image("large", "-E", "force-inode-extended,noinline_data");
        String mounts = mount(plain, "/mnt/a") + mount(chunks, "/mnt/b") + mount(large, "/mnt/c");
        start(bundle("a", IDLE, MOUNTS_END, further(mounts)), "one");
        List<String> host = onHost(tree(), SAY);
        for (String place : List.of("/mnt/a", "/mnt/b", "/mnt/c")) {
            assertEquals(host, in("one", "cd " + place + "\n" + SAY), place);
            Outcome refused = runsc.call("exec", "one", "touch", place + "/new");
            says(refused, "Read-only file system");
        }
        assertEquals(List.of("runs"), in("one", "/mnt/a/bin/busybox sh -c 'echo runs'"));
        // Writable for the mount, but not for what is mounted.
        String remounted = "mount -o remount,rw /mnt/a; touch /mnt/a/new";
        says(runsc.call("exec", "one", "sh", "-c", remounted), "Read-only file system");
        assertTrue(in("one", "cat /proc/mounts").toString().contains(" /mnt/a erofs "));
    }

    @Test
    void namesAreFound() throws Exception {
        Path image = image("image");
        start(bundle("a", IDLE, MOUNTS_END, further(mount(image, "/mnt"))), "one");
        String all =
                """
                cd /mnt/many/deep
                for i in $(seq 1500); do [ $(cat "a file with a longer name $i") = $i ] || echo $i; done
                for i in "" 0 1501 a; do [ ! -e "a file with a longer name $i" ] || echo $i; done
                [ ! -e ../../A ] && [ ! -e ../../zzz ] && [ ! -e a ] || echo there
                cd .. ; ls deep/../../long/deep | wc -l
                stat -c %h hard; stat -c %i hard ../odd | uniq | wc -l
                """;
        assertEquals(List.of("1500", "2", "1"), in("one", all));
    }

    @Test
    void imagesAreMountedInContainersThatRun() throws Exception {
        Path image = image("image");
        start(bundle("a", IDLE), "one");
        String what = "erofs:" + image + ":/mnt/images/first";
        runsc.call("debug", "--mount", what, "one").expect(0);
        assertEquals(onHost(tree(), SAY), in("one", "cd /mnt/images/first\n" + SAY));
        in("one", "umount /mnt/images/first; [ ! -e /mnt/images/first/odd ]");
        for (String bad :
                List.of(
                        "tmpfs:" + image + ":/mnt",
                        "erofs:" + image,
                        "erofs:" + image + ":mnt",
                        "erofs:/not/there:/mnt")) {
            runsc.call("debug", "--mount", bad, "one").expect(OURS);
        }
        says(
                runsc.call("debug", "--mount", "erofs:/bin/sh:/mnt", "one").expect(OURS),
                "not an EROFS image");
        says(
                runsc.call("debug", "--mount", "erofs:" + scratch + ":/mnt", "one").expect(OURS),
                "not a regular file");
        // A restore would have nowhere to take it from: it says so.
        runsc.call("debug", "--mount", what, "one").expect(0);
        Path store = scratch.resolve("store");
        runsc.call("checkpoint", "--image-path", store.toString(), "one").expect(0);
        Outcome refused = restore(bundle("a", IDLE), store, "two").expect(OURS);
        says(refused, "the EROFS image of '__no_name_0:/mnt/images/first': nobody serves it");
    }

    @Test
    void imagesAreRoots() throws Exception {
        Path image = image("image");
        String sum = onHost(tree(), "md5sum < odd").getFirst();
        start(bundle("a", IDLE, root(image, "memory")), "over");
        assertEquals(sum, in("over", "md5sum < /odd").getFirst());
        in("over", "echo more >> /etc/conf; mkdir /new; ls /bin/busybox /many/deep /new");
        assertEquals(List.of("conf", "more"), in("over", "cat /etc/conf"));
        assertEquals("conf\n", Files.readString(tree().resolve("etc/conf")));
        start(bundle("b", IDLE, root(image, "none")), "bare");
        assertEquals(List.of("conf"), in("bare", "cat /etc/conf"));
        says(runsc.call("exec", "bare", "touch", "/new"), "Read-only file system");
        for (String[] bad :
                new String[][] {
                    {"erofs\"", "bind\""},
                    {"\"memory\"", "\"disk\""},
                    {image.toString(), "relative"},
                    {image.toString(), "/not/there"},
                    {"rootfs.overlay", "rootfs.size"}
                }) {
            String bundle = bundle("c", IDLE, root(image, "memory"));
            change(Path.of(bundle), bad);
            Outcome refused = runsc.call("run", "--detach", "--bundle", bundle, "bad").expect(OURS);
            says(refused, "annotation dev.gvisor.spec.rootfs.");
        }
        Path packed = image("packed", "-zlz4");
        String bundle = bundle("c", IDLE, root(packed, "memory"));
        says(
                runsc.call("run", "--detach", "--bundle", bundle, "bad").expect(OURS),
                "the EROFS image needs what is not supported: compressed files");
        assertFalse(runsc.containers().contains("bad"));
    }

    @Test
    void aRestoreTakesTheImageThatWasSaved() throws Exception {
        Path image = image("image");
        Path other = image("other", "-U", "6b1e0a3c-95a7-4b62-8b53-2c8f3cfe7a11");
        String reader =
                "exec 3< /odd; cd /many; echo kept > /new; while [ ! -e /srv/go ]; do sleep 0.1;"
                        + " done; md5sum <&3 > /srv/sum; "
                        + IDLE;
        String[] root = root(image, "memory");
        start(bundle("a", reader, root), "one");
        while (!in("one", "echo /n*").equals(List.of("/new"))) {
            Thread.onSpinWait();
        }
        Path store = scratch.resolve("store");
        runsc.call("checkpoint", "--image-path", store.toString(), "one").expect(0);
        // Elsewhere and by another name.
        Path moved = Files.copy(image, scratch.resolve("moved"));
        restore(bundle("b", reader, root(moved, "memory")), store, "two").expect(0);
        in("two", "echo > /srv/go; until [ -s /srv/sum ]; do sleep 0.1; done");
        String sum = onHost(tree(), "md5sum < odd").getFirst();
        assertEquals(List.of(sum, "kept", "conf"), in("two", "cat /srv/sum /new /etc/conf"));
        assertEquals(List.of("1500"), in("two", "set -- /proc/1/cwd/deep/*; echo $#"));
        Outcome refused =
                restore(bundle("c", reader, root(other, "memory")), store, "three").expect(OURS);
        says(refused, "it is not the one that was saved: superblocks differ");
        Files.writeString(moved, "");
        restore(bundle("b", reader, root(moved, "memory")), store, "three").expect(OURS);
        restore(bundle("a", reader, root), store, "three").expect(0);
    }

    @Test
    void aCommandHasImagesToo() throws Exception {
        Path image = image("image");
        String what = image + ":/mnt/image";
        Outcome said = runsc.call("do", "--quiet", "--erofs", what, "cat", "/mnt/image/etc/conf");
        assertEquals(List.of("conf"), said.expect(0).out());
        runsc.call("do", "--erofs", image.toString(), "true").expect(OURS);
    }
}
