package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.launch.JvmCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code install}: makes this program a runtime of Docker. */
final class InstallCommand implements Command {
    static final String CONFIG_FILE = "--config_file";
    static final String CONFIG_FILE_DEFAULT = "/etc/docker/daemon.json";
    static final String RUNTIME = "--runtime";
    static final String RUNTIME_DEFAULT = "runsc";

    @Override
    public void declare(Options options) {
        options.about("Adds this program to the runtimes in Docker's configuration.");
        options.value(
                "FILE",
                "Docker's configuration (default: " + CONFIG_FILE_DEFAULT + ")",
                CONFIG_FILE);
        options.value("NAME", "name of the runtime (default: runsc)", RUNTIME);
        options.flag("also turn on Docker's experimental features", "--experimental");
        options.flag("replace a runtime of that name (default: true)", "--clobber");
        options.value(
                "DRIVER", "also set Docker's cgroup driver, as in cgroupfs", "--cgroupdriver");
        options.words("[-- FLAGS...]", "flags that the runtime is to be called with");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Path file = arguments.path(CONFIG_FILE, CONFIG_FILE_DEFAULT);
        String name = arguments.text(RUNTIME, RUNTIME_DEFAULT);
        DockerConfig docker = DockerConfig.read(file);
        if (docker.hasRuntime(name) && arguments.text("--clobber", "true").equals("false")) {
            System.out.println(
                    "Runtime \"" + name + "\" is in \"" + file + "\" already; not replaced.");
            return 0;
        }
        Path program = JvmCommand.launcher();
        if (!Files.isExecutable(program)) {
            throw new Failure("cannot tell which program to install: " + program + " is none");
        }
        List<String> flags = new ArrayList<>(config.flags());
        flags.addAll(arguments.words());
        docker.putRuntime(name, program.toString(), flags);
        if (arguments.is("--experimental")) {
            docker.setExperimental();
        }
        String driver = arguments.text("--cgroupdriver", "");
        if (!driver.isEmpty()) {
            docker.setCgroupDriver(driver);
        }
        docker.write();
        System.out.println(
                "Added runtime \"" + name + "\" with arguments " + flags + " to \"" + file + "\".");
        return 0;
    }
}
