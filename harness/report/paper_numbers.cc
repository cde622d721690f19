#include "harness/report/paper_numbers.h"

#include <algorithm>

namespace divla {

namespace {

using Numbers = std::vector<PaperNumber>;

// Counts of the paper's Table 4, in its order of models.
Numbers Counts(int n, int dp, int tiny, int octo, int open, int divla) {
  const auto number = [n](const char* model, int k) {
    return PaperNumber{model, 100.0 * k / n, std::to_string(k) + "/" + std::to_string(n)};
  };
  return {number("DiVLA-2B", divla), number("OpenVLA-7B", open), number("TinyVLA", tiny), number("Octo", octo),
          number("Diffusion Policy", dp)};
}

Numbers Percents(double divla, double open, double tiny, double octo, double dp) {
  return {{"DiVLA-2B", divla, ""},
          {"OpenVLA-7B", open, ""},
          {"TinyVLA", tiny, ""},
          {"Octo", octo, ""},
          {"Diffusion Policy", dp, ""}};
}

PaperRow Row(std::string condition, std::string task, Numbers numbers) {
  PaperRow row;
  row.condition = std::move(condition);
  row.tasks = {std::move(task)};
  row.numbers = std::move(numbers);
  return row;
}

PaperRow Perturbed(PaperRow row) {
  row.clean = false;
  return row;
}

PaperRow PerObject(PaperRow row) {
  row.count = PaperCount::kObjects;
  return row;
}

PaperTable Multitask() {
  return {
      "paper/multitask",
      "Tables 1 and 4, in distribution",
      "For OpenVLA, TinyVLA and Octo some counts of Table 4, which are shown, differ from the percentages of Table 1.",
      {Row("object selection", "object_selection", Counts(33, 22, 23, 19, 24, 33)),
       Row("flip the pot", "flip_pot", Counts(11, 4, 5, 3, 2, 11)),
       Row("cube into the lidded box", "cube_in_lidded_box", Counts(11, 0, 4, 2, 2, 7)),
       Row("cup onto the plate", "cup_on_plate", Counts(11, 4, 5, 1, 4, 7)),
       Row("cube into the yellow or blue box", "cube_to_coloured_box", Counts(11, 0, 3, 3, 6, 10))}};
}

PaperTable VisualGeneralization() {
  return {"paper/visual_generalization",
          "Tables 1 and 4, visual generalisation",
          "The paper puts distractors, backgrounds and coloured lights together; ours are the perturbed episodes of "
          "all three axes.",
          {Perturbed(Row("object selection", "object_selection", Counts(9, 1, 4, 4, 5, 4))),
           Perturbed(Row("flip the pot", "flip_pot", Counts(9, 1, 4, 1, 1, 6))),
           Perturbed(Row("cube into the lidded box", "cube_in_lidded_box", Counts(9, 0, 1, 2, 0, 4))),
           Perturbed(Row("cup onto the plate", "cup_on_plate", Counts(9, 2, 2, 0, 3, 6))),
           Perturbed(Row("cube into the yellow or blue box", "cube_to_coloured_box", Counts(9, 0, 2, 0, 3, 6)))}};
}

PaperTable Sorting() {
  return {
      "paper/sorting",
      "Figure 3; share of objects in the right sector",
      "Table 4 has counts that fit Figure 3 only with two of its rows swapped, so the figure's percentages are "
      "shown.",
      {PerObject(Row("seen", "factory_sorting", Percents(76.2, 56.2, 48.8, 41.3, 33.8))),
       PerObject(Row("mixed", "factory_sorting_mixed", Percents(66.2, 46.2, 32.3, 33.8, 24.6))),
       PerObject(Row("cluttered, seen", "factory_sorting_cluttered", Percents(62.5, 45.0, 31.2, 26.3, 13.8))),
       PerObject(Row("cluttered, mixed", "factory_sorting_cluttered_mixed", Percents(60.0, 33.8, 21.5, 23.1, 9.2)))}};
}

PaperTable BinPicking() {
  return {"paper/bin_picking",
          "Figure 4; 102 unseen objects, one trial each",
          "Table 4 has other counts for Diffusion Policy (10) and Octo (4) than the figure shown here.",
          {Row("zero-shot bin picking", "bin_picking", Percents(63.7, 28.4, 23.5, 19.6, 8.9))}};
}

PaperTable Bussing() {
  const auto numbers = [](int divla, int dp) {
    return Numbers{{"DiVLA-2B", 100.0 * divla / 48, std::to_string(divla) + "/48"},
                   {"OpenVLA-7B", 0.0, "0/48"},
                   {"Diffusion Policy", 100.0 * dp / 48, std::to_string(dp) + "/48"}};
  };
  return {"paper/bussing",
          "Table 2; share of objects in the right place",
          "",
          {PerObject(Row("seen", "table_bussing", numbers(35, 22))),
           PerObject(Row("mixed", "table_bussing_mixed", numbers(34, 15)))}};
}

PaperTable ViewShift() {
  return {
      "paper/view_shift",
      "Table 6; factory sorting with other camera positions, 5 trials",
      "",
      {PerObject(Perturbed(Row("cameras elsewhere", "factory_sorting",
                               {{"DiVLA-2B", 60.0, ""}, {"OpenVLA-7B", 0.0, ""}, {"Diffusion Policy", 0.0, ""}})))}};
}

PaperTable NovelInstructions() {
  const std::vector<std::string> tasks{"object_selection", "cube_to_coloured_box", "cube_in_lidded_box"};
  const auto row = [&](const char* condition, const char* axis, int divla, int open, int n) {
    PaperRow line;
    line.condition = condition;
    line.tasks = tasks;
    line.clean = false;
    line.axis = axis;
    const auto counts = [n](int k) { return std::to_string(k) + "/" + std::to_string(n); };
    line.numbers = {{"DiVLA-2B", 100.0 * divla / n, counts(divla)}, {"OpenVLA-7B", 100.0 * open / n, counts(open)}};
    return line;
  };
  return {"paper/novel_instructions",
          "Table 9; three trials an instruction",
          "The paper's instructions name other objects, among them unseen ones; ours are the episodes of the nearest "
          "axes.",
          {row("one unseen object (\"Pick up ...\")", "instruction_paraphrase+object_category", 2, 2, 3),
           row("ordered steps over unseen objects", "instruction_steps+object_category", 4, 0, 9)}};
}

PaperTable InjectionAblation() {
  PaperTable table{"paper/injection_ablation",
                   "Table 8; in distribution, with and without reasoning injection",
                   "66.7 for the second task without injection is no multiple of one in 11, the number of trials.",
                   {}};
  struct Line {
    const char* task;
    double with, without;
  };
  for (const Line& line : {Line{"object_selection", 100.0, 66.7},
                           {"flip_pot", 100.0, 66.7},
                           {"cube_in_lidded_box", 63.6, 45.5},
                           {"cup_on_plate", 63.6, 45.5},
                           {"cube_to_coloured_box", 90.9, 27.3}}) {
    table.rows.push_back(Row(std::string(line.task) + ", with", line.task, {{"DiVLA-2B", line.with, ""}}));
    PaperRow without = Row(std::string(line.task) + ", without", line.task, {{"DiVLA-2B", line.without, ""}});
    without.control = "no_injection";
    table.rows.push_back(std::move(without));
  }
  return table;
}

PaperTable InterventionFigure() {
  return {"paper/intervention",
          "Figure 6",
          "The paper shows one example, in which the reasoning follows at once, and gives no count; ours are under "
          "Reasoning.",
          {}};
}

}  // namespace

const PaperTable* FindPaperTable(const std::string& suite) {
  static const std::vector<PaperTable> tables{
      Multitask(), VisualGeneralization(), Sorting(),           BinPicking(),        Bussing(),
      ViewShift(), NovelInstructions(),    InjectionAblation(), InterventionFigure()};
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const auto& t) { return t.suite == suite; });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace divla
