package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.image.CpuFeatures;
import java.io.IOException;

/** {@code cpu-features}: what this host's processor can do, on one line. */
final class CpuFeaturesCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about(
                "Shows the features of this host's processor: a snapshot can be restored where all that it"
                        + " was taken with are there.");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        try {
            System.out.println(String.join(",", CpuFeatures.ofHost()));
        } catch (IOException e) {
            throw new Failure("reading processor features: " + Failure.reason(e), e);
        }
        return 0;
    }
}
