// Published results of the DiffusionVLA paper (Wen et al., ICML 2025, PMLR 267; arXiv 2412.03293v3) for the suites
// paper/*, to be set beside ours. They were measured on real robots with real objects: they say where a result of ours
// stands, not whether it agrees.
#pragma once

#include <string>
#include <vector>

#include "harness/records/records.h"

namespace divla {

// How a row's own number is counted.
enum class PaperCount {
  kEpisodes,  // successes of episodes
  kObjects,   // objects placed of objects counted
};

struct PaperNumber {
  std::string model;   // "DiVLA-2B"
  double percent{};    // as the paper gives it, or from its counts
  std::string counts;  // "33/33" where the paper gives counts, else empty
};

struct PaperRow {
  std::string condition;           // in the paper's words, shortened
  std::vector<std::string> tasks;  // ours, of which the episodes are added up
  bool clean{true};                // level 0 of axis "none"; false: the perturbed cells
  std::string axis{};              // the only one; empty: any
  std::string control;             // of this control's episodes instead of the plain ones; empty: plain
  PaperCount count{PaperCount::kEpisodes};
  std::vector<PaperNumber> numbers;
};

struct PaperTable {
  std::string suite;   // "paper/sorting"
  std::string source;  // "Table 4 and Figure 3"
  std::string note;    // what differs, or what the paper itself leaves unclear; may be empty
  std::vector<PaperRow> rows;
};

// Null for a suite without published numbers.
const PaperTable* FindPaperTable(const std::string& suite);

}  // namespace divla
