package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.lifecycle.Containers;

/** {@code export-metrics ID}: the numbers of one sandbox. */
final class ExportMetricsCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Prints the numbers of a container's sandbox as Prometheus takes them.");
        options.value("TEXT", "what names begin with (default: runsc_)", "--exporter-prefix");
        options.value(
                "REGEX",
                "only numbers whose names match (default: all)",
                "--sandbox-metrics-filter");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Metrics metrics =
                new Metrics(
                        arguments.text("--exporter-prefix", Metrics.PREFIX),
                        arguments.text("--sandbox-metrics-filter", ""));
        ContainerState state =
                new Containers(config.root()).loadUnchecked(arguments.only("container id"));
        metrics.add(state);
        System.out.print(metrics.text());
        return 0;
    }
}
