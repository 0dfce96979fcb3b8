package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.SpecText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** {@code spec}: writes a config.json to begin with. */
final class SpecCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Writes a config.json to begin with.");
        options.value("DIR", "folder to write it to (default: .)", "--bundle", "-b");
        options.value("DIR", "working directory of the process (default: /)", "--cwd");
        options.value("PATH", "network namespace to join", "--netns");
        options.words("[-- ARGS...]", "what to run (default: sh)");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        List<String> args = arguments.words().isEmpty() ? List.of("sh") : arguments.words();
        Path file = arguments.path("--bundle", ".").resolve(OciReader.CONFIG_NAME);
        String text =
                SpecText.template(
                        args, arguments.text("--cwd", "/"), arguments.text("--netns", ""));
        try {
            Files.write(
                    file,
                    (text + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new Failure("file \"" + file + "\" already exists", e);
        } catch (IOException e) {
            throw new Failure("writing spec: " + Failure.reason(e), e);
        }
        return 0;
    }
}
