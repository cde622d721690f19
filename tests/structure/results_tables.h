// The tables of results/*.md and of the front page, made of the summaries of the published runs. Each stands between two
// comments, "<!-- table NAME -->" and "<!-- end -->", and a test holds it against the runs.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace divla::results {

struct PublishedRun {
  std::string folder;  // below results/
  std::string suite, policy;
  nlohmann::json summary;
  nlohmann::json controls;  // controls.json; null without
};

// All run folders below `results`, sorted by folder; runs of controls belong to the run around them.
std::vector<PublishedRun> ReadPublishedRuns(const std::filesystem::path& results);

// Cells of clean episodes: a row for each task and policy, with both intervals and the share of right texts.
std::string SuiteTable(const std::vector<PublishedRun>& runs, const std::string& suite);
// The same cells for the front page: rates with Wilson's interval, the right texts of the policies that write any, a row
// for each task; the expert's rate alone.
std::string FrontTable(const std::vector<PublishedRun>& runs, const std::string& suite);
// How one policy fails: the attributions of each task's failed episodes, and in how many of them a text was wrong.
std::string FailureTable(const std::vector<PublishedRun>& runs, const std::string& suite, const std::string& policy);
// Two runs of the same episodes, as `divla compare --json` wrote it: a row for each task and one for all.
std::string PairTable(const nlohmann::json& comparison, const std::string& base, const std::string& run);
// The suite generalization; a column is a policy, and there is none for random.
// What an axis costs: a row for each axis and level: clean, twins, paired difference in points with its interval, and of
// a policy that writes its right texts.
std::string GapTable(const std::vector<PublishedRun>& published);
// Seen x unseen: a row for each family of axes that left the training distribution, with an interval that counts an
// episode and its twins as one cluster, and how many succeed for 100 of the clean ones.
std::string SeenTable(const std::vector<PublishedRun>& published);
// Whether words or arm fail: failures of divla-tiny and its texts, a row for each family.
std::string WordsTable(const std::vector<PublishedRun>& published);
// Successes of each task as trained and in unseen sentences of all kinds.
std::string SentencesTable(const std::vector<PublishedRun>& published);

// The presets of the paper ("paper/..."): a row for each cell, a column for each policy; a row more for each control.
// Where a task has several objects also how many of them were placed.
std::string PaperTable(const std::vector<PublishedRun>& published);
// The same summed over tasks and levels, and over all presets that every policy played.
std::string PresetTable(const std::vector<PublishedRun>& published);

}  // namespace divla::results
