// instruction_paraphrase, instruction_intent, instruction_steps: the task's own other words (Task::Words).
#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "sim/check.h"
#include "tasks/axes/registry.h"
#include "tasks/axes/text.h"

namespace divla {
namespace {

// One of the level's fifth of the texts, from the nearest to the clean instruction to the farthest.
std::string DrawByDistance(std::vector<std::string> texts, const std::string& clean, int level, Rng& rng) {
  DIVLA_CHECK(!texts.empty(), "a task gives other words for its instruction");
  std::stable_sort(texts.begin(), texts.end(), [&](const std::string& a, const std::string& b) {
    return WordDistance(clean, a) < WordDistance(clean, b);
  });
  return texts[DrawOfFifth(rng, texts.size(), level)];
}

class Reworded final : public Axis {
 public:
  Reworded(AxisSpec spec, std::vector<std::string> Wordings::*texts) : spec_(std::move(spec)), texts_(texts) {}
  const AxisSpec& Spec() const override { return spec_; }

  bool Edit(const Task& task, int level, Rng& rng, EpisodePlan& plan) const override {
    plan.instruction = DrawByDistance(task.Words(plan).*texts_, plan.instruction, level, rng);
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    return WordDistance(clean.instruction, twin.instruction);
  }

 private:
  AxisSpec spec_;
  std::vector<std::string> Wordings::*texts_;
};

class Steps final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"instruction_steps",
                               "instruction",
                               "the same task told as ordered steps: first, then, finally",
                               {{"steps", "1", {2, 3, 4, 5, 6}}},
                               "steps",
                               {Claim::kInstruction},
                               false};
    return spec;
  }

  bool Edit(const Task& task, int level, Rng&, EpisodePlan& plan) const override {
    std::vector<std::string> said;
    for (const StepClause& clause : task.Words(plan).steps) {
      if (clause.level <= level) said.push_back(clause.text);
    }
    DIVLA_CHECK(said.size() >= 2, "the steps of level 1 describe a task in two");
    std::string text = "First, " + said.front() + ".";
    for (std::size_t i = 1; i < said.size(); ++i)
      text += (i + 1 == said.size() ? " Finally, " : " Then ") + said[i] + ".";
    plan.instruction = text;
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    return static_cast<double>(std::count(twin.instruction.begin(), twin.instruction.end(), '.'));
  }
};

}  // namespace

const Axis& InstructionParaphrase() {
  static const Reworded axis({"instruction_paraphrase",
                              "instruction",
                              "the same request in held-out sentences",
                              {{"fifth of the task's paraphrases, by distance", "", {1, 2, 3, 4, 5}}},
                              "words inserted, deleted or replaced, share of the longer text",
                              {Claim::kInstruction},
                              false},
                             &Wordings::paraphrases);
  return axis;
}
const Axis& InstructionIntent() {
  static const Reworded axis({"instruction_intent",
                              "instruction",
                              "the need instead of the request: what to do must be guessed",
                              {{"fifth of the task's intents, by distance", "", {1, 2, 3, 4, 5}}},
                              "words inserted, deleted or replaced, share of the longer text",
                              {Claim::kInstruction},
                              false},
                             &Wordings::intents);
  return axis;
}
const Axis& InstructionSteps() {
  static const Steps axis;
  return axis;
}

}  // namespace divla
