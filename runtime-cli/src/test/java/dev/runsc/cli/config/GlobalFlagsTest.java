package dev.runsc.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.GlobalFlags.Parsed;
import dev.runsc.cli.config.RuntimeConfig.SpecValidation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The flags before the command. */
class GlobalFlagsTest {
    private static Parsed parse(String... args) throws Failure {
        return GlobalFlags.parse(args);
    }

    @Test
    void flagsEndAtTheCommand() throws Failure {
        Parsed parsed = parse("--root", "/r", "-debug", "--log=/l", "run", "--debug=false", "id");
        assertEquals("run", parsed.command());
        assertEquals(List.of("--debug=false", "id"), parsed.arguments());
        assertEquals(Path.of("/r"), parsed.config().root());
        assertEquals(Path.of("/l"), parsed.config().log());
        assertTrue(parsed.config().debug());
        assertEquals(List.of("--root", "/r", "-debug", "--log=/l"), parsed.config().flags());
    }

    @Test
    void defaults() throws Failure {
        RuntimeConfig config = parse("list").config();
        assertFalse(config.debug());
        assertTrue(config.rootOverlay());
        assertFalse(config.overlayAll());
        assertTrue(config.rewriteCallSites());
        assertEquals("", config.trace());
        assertNull(config.log());
        assertEquals(SpecValidation.ENFORCE, config.specValidation());
    }

    @Test
    void noCommandAtAll() throws Failure {
        assertNull(parse().command());
        assertNull(parse("--debug").command());
        assertEquals(GlobalFlags.VERSION_COMMAND, parse("--version").command());
        assertEquals("help", parse("--root=/x", "-h").command());
    }

    @Test
    void traceAndRewriting() throws Failure {
        assertEquals("all", parse("--strace", "x").config().trace());
        assertEquals(
                "open,read",
                parse("--strace", "--strace-syscalls=open,read", "x").config().trace());
        assertFalse(parse("--rewrite-call-sites=false", "x").config().rewriteCallSites());
        assertFalse(parse("--systrap-disable-syscall-patching", "x").config().rewriteCallSites());
    }

    @Test
    void ignoredFlagsAreNoted() throws Failure {
        Parsed parsed = parse("--fuse", "--traceback", "all", "--directfs=false", "x");
        assertEquals("x", parsed.command());
        assertEquals(3, parsed.notes().size(), parsed.notes().toString());
    }

    @Test
    void wrongOnesAreRefused() {
        List<List<String>> table =
                List.of(
                        List.of("flag provided but not defined: -nope", "--nope", "x"),
                        List.of("flag needs an argument: -root", "--root"),
                        List.of("invalid boolean value \"maybe\" for -debug", "--debug=maybe", "x"),
                        List.of("platform \"kvm\" is not supported", "--platform=kvm", "x"),
                        List.of("invalid platform \"qemu\"", "--platform=qemu", "x"),
                        List.of("network type \"host\" is not supported", "--network=host", "x"),
                        List.of("invalid network type \"wifi\"", "--network=wifi", "x"),
                        List.of(
                                "invalid value \"some\" for flag -overlay2",
                                "--overlay2=some",
                                "x"),
                        List.of(
                                "invalid value \"dir=/x\" for flag -overlay2",
                                "--overlay2=dir=/x",
                                "x"),
                        List.of("--host-uds=all is not supported", "--host-uds=all", "x"),
                        List.of("--oci-seccomp=false is not supported", "--oci-seccomp=false", "x"),
                        List.of(
                                "invalid value \"xml\" for flag -log-format",
                                "--log-format=xml",
                                "x"));
        for (List<String> row : table) {
            String[] args = row.subList(1, row.size()).toArray(String[]::new);
            Failure failure = assertThrows(Failure.class, () -> GlobalFlags.parse(args));
            assertTrue(failure.getMessage().contains(row.getFirst()), failure.getMessage());
        }
    }

    @Test
    void theErrorLogIsFoundInABrokenCall() {
        assertEquals(Path.of("/l"), GlobalFlags.findLog(new String[] {"--log=/l", "--nope"}));
        assertEquals(
                Path.of("/l"), GlobalFlags.findLog(new String[] {"--root", "/r", "--log", "/l"}));
        assertNull(GlobalFlags.findLog(new String[] {"run", "--log=/l"}));
    }

    @Test
    void debugLogPatterns() throws Failure {
        RuntimeConfig config = parse("--debug", "--debug-log=/d/%COMMAND%-%ID%.txt", "x").config();
        assertEquals(Path.of("/d/run-c1.txt"), LogNames.debug(config, "run", "c1"));
        assertEquals(Path.of("/d/run-.txt"), LogNames.debug(config, "run", "../../etc"));
        assertNull(LogNames.debug(parse("--debug-log=/d", "x").config(), "run", "c1"));
        Path inFolder =
                LogNames.debug(parse("--debug", "--debug-log=/d/", "x").config(), "boot", "c1");
        assertTrue(
                String.valueOf(inFolder).matches("/d/runsc\\.log\\..*\\.boot\\.txt"),
                "" + inFolder);
    }

    @Test
    void everyFlagHasItsOwnName() {
        for (GlobalFlag flag : GlobalFlag.values()) {
            assertEquals(flag, GlobalFlag.find(flag.flag));
        }
    }

    @Test
    void debugLogsAreForTheCommandsNamed() throws Failure {
        assertTrue(LogNames.isWanted("", "boot"));
        assertTrue(LogNames.isWanted("create,boot", "boot"));
        assertEquals(false, LogNames.isWanted("create", "boot"));
        assertEquals(false, LogNames.isWanted("!create,boot", "boot"));
        assertTrue(LogNames.isWanted("!create", "boot"));
        String[] words = {
            "--strace-log-size=7",
            "--watchdog-action",
            "panic",
            "--watchdog-timeout=1.5s",
            "--debug-command=!boot",
            "state"
        };
        RuntimeConfig.Watch watch = GlobalFlags.parse(words).config().watch();
        assertEquals(new RuntimeConfig.Watch(7, true, 1500, "!boot"), watch);
        assertThrows(
                Failure.class,
                () -> GlobalFlags.parse(new String[] {"--watchdog-action=bark", "state"}));
        assertThrows(
                Failure.class,
                () -> GlobalFlags.parse(new String[] {"--watchdog-timeout=0", "state"}));
    }
}
