#include "harness/report/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/report/text.h"
#include "harness/statistics.h"
#include "harness/statistics_json.h"
#include "harness/summary.h"
#include "sim/check.h"

namespace divla {

namespace {

using ByKey = std::map<std::string, const EpisodeRecord*>;

bool SamePictures(const RunInfo& a, const RunInfo& b) {
  return a.versions.renderer == "none" || b.versions.renderer == "none" || a.versions.renderer == b.versions.renderer;
}

bool SameEpisode(const EpisodeRecord& a, const EpisodeRecord& b) {
  return a.seed == b.seed && a.hash.scene == b.hash.scene && a.hash.initial_state == b.hash.initial_state &&
         a.instruction == b.instruction;
}

// `base` is absent for the base itself.
SideEntry Entry(const std::vector<const EpisodeRecord*>& records, const std::optional<ByKey>& base) {
  SideEntry entry;
  PairedClusters pairs;
  for (const EpisodeRecord* record : records) {
    ++entry.n;
    entry.k += record->success;
    if (!base) continue;
    const auto found = base->find(ToString(record->key));
    if (found == base->end() || !SameEpisode(*found->second, *record)) {
      ++entry.unpaired;
    } else {
      pairs.Add(record->key, found->second->success, record->success);
    }
  }
  entry.wilson = WilsonInterval(entry.k, entry.n);
  if (pairs.Counts().Pairs() > 0) {
    const double p = pairs.Exact();
    entry.difference = {.counts = pairs.Counts(), .interval = pairs.DifferenceInterval(), .p = p, .p_adjusted = p};
  }
  return entry;
}

// Runs of one policy are told apart by their folders as the user named them, the same folder twice by its place.
std::vector<std::string> Names(const std::vector<LoadedRun>& runs) {
  std::vector<std::string> played;
  for (const LoadedRun& run : runs) {
    played.push_back(run.info.policy + (run.info.control.empty() ? "" : ", " + Spaced(run.info.control)));
  }
  std::vector<std::string> names = played;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (std::count(played.begin(), played.end(), played[i]) > 1) names[i] += " (" + runs[i].folder.string() + ")";
  }
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto before = names.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(names.begin(), before, names[i]) != before) names[i] += fmt::format(", run {}", i + 1);
  }
  return names;
}

void AdjustCells(SideBySide& sides, std::size_t run) {
  std::vector<double> p_values;
  std::vector<SideDifference*> tested;
  for (SideRow& row : sides.cells) {
    if (!row.runs[run].difference) continue;
    tested.push_back(&*row.runs[run].difference);
    p_values.push_back(tested.back()->p);
  }
  const std::vector<double> adjusted = HolmAdjusted(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->p_adjusted = adjusted[i];
}

nlohmann::json ToJson(const SideRow& row) {
  nlohmann::json entries = nlohmann::json::array();
  for (const SideEntry& entry : row.runs) {
    nlohmann::json value = {
        {"k", entry.k}, {"n", entry.n}, {"wilson", ToJson(entry.wilson)}, {"unpaired", entry.unpaired}};
    if (entry.difference) {
      value["pairs"] = ToJson(entry.difference->counts);
      value["difference"] = entry.difference->counts.Difference();
      value["newcombe"] = ToJson(entry.difference->interval);
      value["mcnemar_p"] = entry.difference->p;
      value["p_holm"] = entry.difference->p_adjusted;
    }
    entries.push_back(std::move(value));
  }
  return {{"task", row.task}, {"axis", row.axis}, {"level", row.level}, {"runs", entries}};
}

}  // namespace

LoadedRun LoadRun(const std::filesystem::path& folder) {
  LoadedRun run{.folder = folder, .info = ReadRunInfo(folder), .records = ReadEpisodes(folder), .summary = {}};
  std::sort(run.records.begin(), run.records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  std::vector<CellName> order;
  bool interrupted = false;
  if (std::filesystem::exists(folder / "summary.json")) {
    const RunSummary written = ReadRunSummary(folder);
    for (const CellSummary& cell : written.cells) order.push_back({cell.task, cell.axis, cell.level});
    interrupted = written.interrupted;
  }
  run.summary = Summarize(run.info, run.records, order, interrupted);
  return run;
}

SideBySide CompareSideBySide(const std::vector<LoadedRun>& runs) {
  DIVLA_CHECK(!runs.empty(), "a run to compare with");
  SideBySide sides;
  sides.names = Names(runs);
  std::vector<CellName> order;
  std::vector<std::map<CellName, std::vector<const EpisodeRecord*>>> cells(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    sides.infos.push_back(runs[i].info);
    for (const CellSummary& cell : runs[i].summary.cells) {
      const CellName name{cell.task, cell.axis, cell.level};
      if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
    }
    for (const EpisodeRecord& record : runs[i].records) {
      cells[i][{record.key.task, record.key.axis, record.key.level}].push_back(&record);
    }
  }
  std::vector<std::optional<ByKey>> partner(runs.size());  // of the base's episodes, what each run may be paired with
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const RunInfo &base = runs.front().info, &run = runs[i].info;
    partner[i].emplace();
    if (!SamePictures(base, run)) {
      sides.notes.push_back(
          fmt::format("{} saw pictures of another renderer ({}) than {} ({}), so no episode is the same.",
                      sides.names[i], run.versions.renderer, sides.names.front(), base.versions.renderer));
      continue;
    }
    for (const EpisodeRecord& record : runs.front().records) {
      const std::string& task = record.key.task;
      if (base.versions.RulesOf(task) == run.versions.RulesOf(task)) partner[i]->emplace(ToString(record.key), &record);
    }
  }
  for (const CellName& name : order) {
    SideRow row{.task = name.task, .axis = name.axis, .level = name.level, .runs = {}};
    for (std::size_t i = 0; i < runs.size(); ++i) row.runs.push_back(Entry(cells[i][name], partner[i]));
    sides.cells.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<const EpisodeRecord*> all;
    for (const EpisodeRecord& record : runs[i].records) all.push_back(&record);
    sides.all.runs.push_back(Entry(all, partner[i]));
    if (const auto& clustered = runs[i].summary.clustered) sides.all.runs.back().wilson = *clustered;
    AdjustCells(sides, i);
    const int unpaired = sides.all.runs.back().unpaired;
    if (unpaired > 0 && SamePictures(runs.front().info, runs[i].info)) {
      sides.notes.push_back(
          fmt::format("{} of {} episodes of {} are in no pair: {} lacks them, played another scene or instruction, or "
                      "was judged by other rules.",
                      unpaired, sides.all.runs.back().n, sides.names[i], sides.names.front()));
    }
  }
  return sides;
}

nlohmann::json ToJson(const SideBySide& sides) {
  nlohmann::json runs = nlohmann::json::array(), cells = nlohmann::json::array();
  for (std::size_t i = 0; i < sides.names.size(); ++i) {
    nlohmann::json run = ToJson(sides.infos[i]);
    run["name"] = CleanUtf8(sides.names[i]);
    runs.push_back(std::move(run));
  }
  for (const SideRow& row : sides.cells) cells.push_back(ToJson(row));
  return {{"runs", runs}, {"cells", cells}, {"all", ToJson(sides.all)}, {"notes", sides.notes}};
}

std::string FormatSideBySideMarkdown(const SideBySide& sides) {
  std::string text = "# " + EscapeMarkdown(sides.names.front());
  for (std::size_t i = 1; i < sides.names.size(); ++i) text += " against " + EscapeMarkdown(sides.names[i]);
  text += "\n\n| task |";
  std::string rule = "|---|";
  for (std::size_t i = 0; i < sides.names.size(); ++i) {
    text += fmt::format(" {} | Wilson 95 % |", EscapeMarkdown(sides.names[i]));
    rule += "--:|--:|";
    if (i == 0) continue;
    text += " difference, points | pairs | p (Holm) |";
    rule += "--:|--:|--:|";
  }
  text += "\n" + rule + "\n";
  const auto add = [&](const std::string& label, const SideRow& row) {
    text += "| " + label + " |";
    for (std::size_t i = 0; i < row.runs.size(); ++i) {
      const SideEntry& entry = row.runs[i];
      text += entry.n == 0 ? " – | – |"
                           : fmt::format(" {}/{} = {} | {} |", entry.k, entry.n, Percent(entry.k, entry.n),
                                         PercentInterval(entry.wilson));
      if (i == 0) continue;
      text += entry.difference
                  ? fmt::format(" {} {} | {} | {} |", Points(entry.difference->counts.Difference()),
                                PointsInterval(entry.difference->interval), entry.difference->counts.Pairs(),
                                EscapeMarkdown(PValue(entry.difference->p_adjusted)))
                  : " – | 0 | – |";
    }
    text += "\n";
  };
  for (const SideRow& row : sides.cells) add(EscapeMarkdown(CellLabel(row.task, row.axis, row.level)), row);
  add("**all episodes**", sides.all);
  text +=
      "\nDifferences are to the first run, over pairs of the same episodes, with Newcombe's 95 % interval; p is "
      "McNemar's exact test, after Holm over the rows (not for all episodes). Of all episodes an episode and its "
      "perturbed twins are one cluster.\n";
  for (const std::string& note : sides.notes) text += "\n> " + EscapeMarkdown(note) + "\n";
  return text;
}

}  // namespace divla
