package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import java.nio.file.Path;

/** {@code uninstall}: takes a runtime out of Docker's configuration. */
final class UninstallCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Removes a runtime from Docker's configuration.");
        options.value(
                "FILE",
                "Docker's configuration (default: " + InstallCommand.CONFIG_FILE_DEFAULT + ")",
                InstallCommand.CONFIG_FILE);
        options.value("NAME", "name of the runtime (default: runsc)", InstallCommand.RUNTIME);
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        Path file = arguments.path(InstallCommand.CONFIG_FILE, InstallCommand.CONFIG_FILE_DEFAULT);
        String name = arguments.text(InstallCommand.RUNTIME, InstallCommand.RUNTIME_DEFAULT);
        DockerConfig docker = DockerConfig.read(file);
        if (!docker.hasRuntime(name)) {
            System.out.println("No runtime \"" + name + "\" is in \"" + file + "\".");
            return 0;
        }
        docker.removeRuntime(name);
        docker.write();
        System.out.println("Removed runtime \"" + name + "\" from \"" + file + "\".");
        return 0;
    }
}
