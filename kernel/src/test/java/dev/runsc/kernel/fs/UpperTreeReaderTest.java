package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.overlay.UpperTreeReader;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.vfs.MemoryInode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Upper trees from archives, good ones and others. */
final class UpperTreeReaderTest {
    private static final int BLOCK = 512;
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private static void octal(byte[] block, int at, int length, long value) {
        String digits = String.format(Locale.ROOT, "%0" + (length - 1) + "o", value);
        System.arraycopy(digits.getBytes(StandardCharsets.US_ASCII), 0, block, at, length - 1);
    }

    /** One member, its sum right. */
    private static byte[] member(char type, String path, String link, String contents) {
        byte[] text = contents.getBytes(StandardCharsets.ISO_8859_1);
        byte[] block = new byte[BLOCK];
        byte[] name = path.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, block, 0, Math.min(100, name.length));
        octal(block, 100, 8, 0640);
        octal(block, 108, 8, 7);
        octal(block, 116, 8, 8);
        octal(block, 124, 12, text.length);
        octal(block, 136, 12, 981158400);
        block[156] = (byte) type;
        byte[] target = link.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(target, 0, block, 157, target.length);
        System.arraycopy(new byte[] {'u', 's', 't', 'a', 'r', 0, '0', '0'}, 0, block, 257, 8);
        sum(block);
        byte[] all = Arrays.copyOf(block, BLOCK + (text.length + BLOCK - 1) / BLOCK * BLOCK);
        System.arraycopy(text, 0, all, BLOCK, text.length);
        return all;
    }

    private static void sum(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += block[i] & 0xff;
        }
        octal(block, 148, 7, sum);
    }

    private static byte[] archive(byte[]... members) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] member : members) {
            all.writeBytes(member);
        }
        all.writeBytes(new byte[2 * BLOCK]);
        return all.toByteArray();
    }

    private static byte[] sample() {
        return archive(
                member('5', "./", "", ""),
                member('5', "d/", "", ""),
                member('0', "d/.wh.gone", "", ""),
                member('0', "d/.wh..wh..opq", "", ""),
                member('x', "p", "", "19 SCHILY.xattr.user.k=v\n".replace("19", "25")),
                member('0', "./d/file", "", "text"),
                member('1', "e/made/other", "d/file", ""),
                member('2', "link", "/etc/../..", ""),
                member('L', "long", "", "l".repeat(200) + "\0"),
                member('6', "l", "", ""),
                member('3', "null", "", ""));
    }

    private static TmpfsFileSystem read(FsFixture fixture, byte[] archive)
            throws IOException, ErrnoException {
        TmpfsFileSystem tree = fixture.tmpfs();
        new UpperTreeReader(new ByteArrayInputStream(archive)).read(tree);
        return tree;
    }

    @Test
    void everyKindOfMember() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            TmpfsFileSystem tree = read(fixture, sample());
            TestCaller caller = fixture.caller(tree);
            assertEquals(
                    List.of("d", "e", "link", "l".repeat(200), "null"),
                    tree.rootDirectory().names());
            MemoryInode file = (MemoryInode) TestFiles.inode(caller, "d/file");
            assertEquals(file, TestFiles.inode(caller, "e/made/other"));
            assertEquals("text", TestFiles.contents(caller, "d/file"));
            assertEquals(0100640, file.mode());
            assertEquals(7, file.uid());
            assertEquals(981158400_000000000L, file.modifyNanos());
            assertEquals("[user.k]", file.listXattrs(caller).toString());
            MemoryInode directory = (MemoryInode) TestFiles.inode(caller, "d");
            assertEquals("[trusted.overlay.opaque]", directory.listXattrs(caller).toString());
            assertEquals(981158400_000000000L, directory.modifyNanos());
            assertEquals(0020000, TestFiles.inode(caller, "d/gone").mode());
            assertEquals("/etc/../..", TestFiles.inode(caller, "link").readLink(caller));
        }
    }

    @Test
    void whatNoLayerHas() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            for (byte[] bad :
                    List.of(
                            member('0', "../x", "", "t"),
                            member('0', "a/../../x", "", "t"),
                            member('0', "/", "", "t"),
                            member('0', ".wh...", "", ""),
                            member('0', ".wh.", "", ""),
                            member('1', "x", "nothing", ""),
                            member('1', "x", "../../etc/passwd", ""),
                            member('1', "x", "/", ""),
                            member('2', "x", "", ""),
                            member('S', "x", "", ""),
                            member('x', "x", "", "8 path=a\n"),
                            member('x', "x", "", "99999999999 path=a\n"),
                            member('x', "x", "", "21 mtime=1E999999999\n"),
                            new byte[] {'P', 'K', 3, 4})) {
                byte[] all = archive(bad, member('0', "y", "", ""));
                assertThrows(IOException.class, () -> read(fixture, all));
            }
            byte[] through =
                    archive(member('2', "l", "/etc", ""), member('0', "l/passwd", "", "t"));
            assertThrows(IOException.class, () -> read(fixture, through));
        }
    }

    /** Flipped, also with sums put right, and cut. */
    @Test
    void damagedArchives() throws Exception {
        Random random = new Random(SEED);
        byte[] good = sample();
        int refused = 0;
        try (FsFixture fixture = new FsFixture()) {
            for (int at = 0; at < good.length; at++) {
                byte[] flipped = good.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                byte[] summed = flipped.clone();
                byte[] block =
                        Arrays.copyOfRange(summed, at / BLOCK * BLOCK, at / BLOCK * BLOCK + BLOCK);
                sum(block);
                System.arraycopy(block, 0, summed, at / BLOCK * BLOCK, BLOCK);
                for (byte[] archive : List.of(flipped, summed, Arrays.copyOf(good, at))) {
                    try {
                        read(fixture, archive);
                    } catch (IOException | ErrnoException e) {
                        refused++;
                    }
                }
            }
        }
        assertTrue(refused > good.length, "-Dseed=" + SEED + ": " + refused);
    }
}
