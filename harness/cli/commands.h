// The commands of divla: one Add function per file. Each adds its subcommand and options to `app`; when the person
// chose it, `chosen` is set to what runs it and returns the exit code (0 yes, 1 honest no, 130 interrupted). Errors are
// thrown and printed by main.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "harness/control_summary.h"
#include "harness/records/records.h"
#include "policy/registry.h"
#include "sim/render/renderer.h"

namespace divla {

struct CommandLine {
  std::vector<std::string> words;  // argv, the program as "divla"
  std::function<int()> chosen;
};

void AddEval(CLI::App& app, CommandLine& line);
void AddList(CLI::App& app, CommandLine& line);
void AddDemo(CLI::App& app, CommandLine& line);
void AddTrain(CLI::App& app, CommandLine& line);
void AddBench(CLI::App& app, CommandLine& line);
void AddCompare(CLI::App& app, CommandLine& line);
void AddPower(CLI::App& app, CommandLine& line);
void AddVqa(CLI::App& app, CommandLine& line);
void AddProbe(CLI::App& app, CommandLine& line);
void AddPublish(CLI::App& app, CommandLine& line);
void AddMerge(CLI::App& app, CommandLine& line);
void AddExport(CLI::App& app, CommandLine& line);
void AddVerify(CLI::App& app, CommandLine& line);
void AddReport(CLI::App& app, CommandLine& line);
void AddServe(CLI::App& app, CommandLine& line);

// From the first call on, Ctrl-C (SIGINT) and SIGTERM ask for a clean stop, which Interrupted() then reports; a second
// one kills.
void CatchInterrupts();
bool Interrupted();
inline constexpr int kExitInterrupted = 130;

// What eval, merge and report print at their end: the table and the controls, or both as JSON. Flushed, so that what follows on
// stderr comes after it.
void PrintRun(const RunSummary& summary, const std::vector<ControlSummary>& controls, bool json);

// --profile, --action-steps, --action-hz, --connect-timeout, --answer-timeout and --connect-tries: how a policy server is
// asked.
void AddRemoteOptions(CLI::App& command, RemoteOptions& remote);

// --renderer software|gl, with `note` after what it is for.
void AddRendererOption(CLI::App& command, RendererKind& kind, const std::string& note);

}  // namespace divla
