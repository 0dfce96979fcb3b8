package dev.runsc.cli.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Stages;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.LinuxSettings;
import dev.runsc.kernel.LinuxSettings.DeviceNode;
import dev.runsc.kernel.LinuxSettings.IdRange;
import dev.runsc.kernel.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Both sides of what crosses into a sandbox. */
class WireTest {
    private static final ProcessSpec PROCESS =
            new ProcessSpec(
                    List.of("/bin/x", "a\nb"),
                    List.of("A=\u00e4"),
                    "/w",
                    -2,
                    7,
                    new int[] {1, -3},
                    0027,
                    new long[] {1, 2, 3, Long.MIN_VALUE, -1},
                    true,
                    Map.of(7, new long[] {5, -1}),
                    Map.of(),
                    true,
                    -3);

    private static final LinuxSettings SETTINGS =
            new LinuxSettings(
                    new LinuxSettings.Filter(new long[] {6, 0x7fff0000_00000006L}, true),
                    Map.of("kernel.shmmax", "9"),
                    List.of(new DeviceNode("/dev/x", 0020000, 1, 5, 0640, 3, -2)),
                    List.of(new IdRange(0, 0xffff_0000L, 100)),
                    List.of(new IdRange(5, 6, 7), new IdRange(100, 200, 300)));

    private static JsonReader reader(String text) {
        return new JsonReader("x", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void containersPass() throws JsonFault {
        ContainerSpec spec =
                new ContainerSpec(
                        "id",
                        "name",
                        "host",
                        Set.of("pid"),
                        true,
                        true,
                        false,
                        List.of(new MountSpec("/d", "bind", "name:/d", true, List.of("nosuid"))),
                        List.of("/m"),
                        List.of("/r"),
                        Map.of("pids.max", "7"),
                        Set.of("checkpoint"),
                        SETTINGS,
                        PROCESS);
        JsonText json = new JsonText();
        SpecCodec.write(json, spec);
        ContainerSpec back = SpecCodec.readContainer(reader(json.text()), Map.of());
        assertTrue(back.rootErofs());
        assertEquals(spec.mounts(), back.mounts());
        assertEquals(spec.maskedPaths(), back.maskedPaths());
        assertEquals(spec.name(), back.name());
        assertEquals(spec.limits(), back.limits());
        assertEquals(spec.sandboxFiles(), back.sandboxFiles());
        LinuxSettings linux = back.linux();
        assertEquals(SETTINGS.devices(), linux.devices());
        assertEquals(SETTINGS.sysctls(), linux.sysctls());
        assertEquals(SETTINGS.uids(), linux.uids());
        assertEquals(SETTINGS.gids(), linux.gids());
        assertNotNull(linux.filter());
        assertArrayEquals(new long[] {6, 0x7fff0000_00000006L}, linux.filter().instructions());
        assertTrue(linux.filter().logs());
        ProcessSpec process = back.process();
        assertEquals(PROCESS.arguments(), process.arguments());
        assertEquals(PROCESS.environment(), process.environment());
        assertEquals(-2, process.uid());
        assertArrayEquals(PROCESS.additionalGids(), process.additionalGids());
        assertArrayEquals(PROCESS.capabilities(), process.capabilities());
        assertArrayEquals(new long[] {5, -1}, process.resourceLimits().get(7));
        assertEquals(0027, process.umask());
        assertEquals(-3, process.oomScoreAdj());
    }

    @Test
    void processesMustBeWhole() {
        for (String text :
                List.of(
                        "{}",
                        "{\"args\":[]}",
                        "{\"args\":[\"x\"],\"capabilities\":[1]}",
                        "{\"args\":[\"x\"],\"rlimits\":[[99,1,1]]}",
                        "{\"args\":[\"x\"],\"rlimits\":[[1,1]]}",
                        "{\"args\":[\"x\"],\"umask\":-1}")) {
            assertThrows(
                    JsonFault.class, () -> SpecCodec.readProcess(reader(text), Map.of()), text);
        }
    }

    @Test
    void bootDocumentsPass() throws JsonFault {
        BootDocument document =
                new BootDocument(
                        "c",
                        "{\"a\":1}",
                        "/s",
                        false,
                        "all",
                        3,
                        true,
                        11,
                        4,
                        5,
                        6,
                        7,
                        8,
                        Map.of(0, 9),
                        Map.of("n:/", 10),
                        11,
                        new BootDocument.Files(14, 15),
                        new BootDocument.Watch(1024, true, 180_000, 12, 13));
        assertEquals(document, BootDocument.parse(document.toBytes()));
    }

    @Test
    void stagesPassAndAddUp() throws JsonFault {
        Stages stages = new Stages();
        stages.end("one");
        stages.end("two");
        JsonText json = new JsonText().beginObject();
        StageCodec.write(json, stages);
        List<Stages.Stage> back = StageCodec.read(reader(json.endObject().text()), "p: ");
        assertEquals("p: two", back.get(1).name());
        Stages outer = new Stages();
        outer.endSplit(List.of(new Stages.Stage("lie", Long.MAX_VALUE, false)), "rest");
        long sum = outer.list().stream().mapToLong(Stages.Stage::nanos).sum();
        assertEquals(outer.totalNanos(), sum);
    }
}
