package dev.runsc.cli.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Telling processes from later ones of the same number. */
class ProcessIdentityTest {
    @Test
    void aRunningProcessIsAliveUntilKilled() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        ProcessIdentity identity = ProcessIdentity.of((int) process.pid());
        assertTrue(identity.isAlive());
        ProcessIdentity successor = new ProcessIdentity(identity.pid(), identity.startTicks() + 1);
        assertFalse(successor.isAlive(), "another one of that number");
        successor.kill();
        assertTrue(identity.isAlive(), "killing another one must not hit this");
        identity.kill();
        assertFalse(identity.isAlive());
        assertEquals(128 + 9, process.waitFor());
        assertEquals(ProcessIdentity.NONE, ProcessIdentity.of((int) process.pid()));
        identity.kill();
    }

    @Test
    void nobodyIsNotAlive() {
        assertFalse(ProcessIdentity.NONE.isAlive());
    }
}
