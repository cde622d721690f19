// divla: evaluates vision-language-action policies. See README.md; `divla COMMAND --help` lists the options.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/commands.h"
#include "harness/exit_code.h"

namespace {

// The launcher (./divla) has commands of its own and says so in DIVLA_LAUNCHER: a line for each, the command and what
// it is for ("view=look at an episode"). Without it the program runs by itself and has none of them.
std::vector<std::pair<std::string, std::string>> LauncherCommands() {
  std::vector<std::pair<std::string, std::string>> commands;
  const char* text = std::getenv("DIVLA_LAUNCHER");
  std::istringstream lines(text != nullptr ? text : "");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equal = line.find('=');
    if (equal != std::string::npos) commands.emplace_back(line.substr(0, equal), line.substr(equal + 1));
  }
  return commands;
}

// CLI11 says only that a command is missing when the first word is no command.
std::string Explain(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
  std::string known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    known += (known.empty() ? "" : ", ") + command->get_name();
    if (words.size() > 1 && words[1] == command->get_name())
      return std::string(error.what()) + " (see divla " + words[1] + " --help)";
  }
  for (const auto& [name, about] : LauncherCommands()) known += ", " + name;
  return fmt::format("expected one of the commands {}, found {}", known,
                     words.size() > 1 ? "'" + words[1] + "'" : "none");
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ,
              SIG_IGN);  // a file over the size limit is then an error of write, with a message, like a full disk
  CLI::App app("Evaluates vision-language-action policies in MuJoCo scenes.", "divla");
  app.require_subcommand(1);
  app.set_version_flag("--version", "divla " DIVLA_VERSION);
  std::string more;
  for (const auto& [name, about] : LauncherCommands()) more += fmt::format("  {:<26}{}\n", name, about);
  if (!more.empty()) app.footer("Commands of the launcher:\n" + more);
  divla::CommandLine line;
  line.words = {"divla"};
  line.words.insert(line.words.end(), argv + 1, argv + argc);
  divla::AddEval(app, line);
  divla::AddList(app, line);
  divla::AddDemo(app, line);
  divla::AddTrain(app, line);
  divla::AddBench(app, line);
  divla::AddCompare(app, line);
  divla::AddPower(app, line);
  divla::AddVqa(app, line);
  divla::AddProbe(app, line);
  divla::AddMerge(app, line);
  divla::AddPublish(app, line);
  divla::AddVerify(app, line);
  divla::AddReport(app, line);
  // Options are checked while they are parsed, too.
  return divla::ExitCodeOf("divla", [&] {
    try {
      app.parse(argc, argv);
      return line.chosen();
    } catch (const CLI::Success& help) {  // --help
      return app.exit(help);
    } catch (const CLI::ParseError& error) {
      return divla::SayAndExit("divla", Explain(app, error, line.words), divla::kExitBadInput);
    }
  });
}
