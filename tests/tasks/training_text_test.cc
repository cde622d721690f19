// What a policy may learn from holds nothing unseen: no demonstration places an unseen object, and no text of training
// (instructions, reasoning, alternatives) says a held-out phrase or names an unseen category.
#include <gtest/gtest.h>

#include <cctype>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/controller.h"
#include "tasks/catalogue.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kEpisodes = 40;  // of each task

// Lower-case words with one space between and around them; hyphens and apostrophes stay inside words.
std::string Words(const std::string& text) {
  std::string words = " ";
  for (const char c : text) {
    const bool inside = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '\'';
    if (inside) {
      words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  return words.back() == ' ' ? words : words + ' ';
}

bool Says(const std::string& text, const std::string& phrase) {
  return Words(text).find(Words(phrase)) != std::string::npos;
}

// Phrases that no text of training may say: every held-out synonym, and what only unseen objects are called.
std::set<std::string> HeldOutPhrases(const std::vector<ObjectInfo>& objects) {
  std::set<std::string> seen;
  std::set<std::string> held_out;
  for (const ObjectInfo& object : objects) {
    if (object.split == "seen") seen.insert(object.phrases_seen.begin(), object.phrases_seen.end());
    held_out.insert(object.phrases_unseen.begin(), object.phrases_unseen.end());
  }
  for (const ObjectInfo& object : objects) {
    for (const std::string& phrase : object.phrases_seen) {
      if (!seen.contains(phrase)) held_out.insert(phrase);
    }
  }
  return held_out;
}

std::vector<std::string> Leaks(const std::string& text, const std::set<std::string>& held_out) {
  std::vector<std::string> leaks;
  for (const std::string& phrase : held_out) {
    if (Says(text, phrase)) leaks.push_back(phrase);
  }
  return leaks;
}

// Everything that the reasoning says while the expert acts.
std::set<std::string> TextsOfDemonstration(const Task& task, const EpisodePlan& plan) {
  std::set<std::string> texts;
  Scene scene = task.Build(plan);
  const std::unique_ptr<Expert> expert = task.MakeExpert(plan);
  for (int step = 0; step < task.Spec().horizon; ++step) {
    texts.insert(task.Truth(scene, plan).text);
    if (ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene)) != StepStatus::kOk) break;
  }
  return texts;
}

void ExpectClean(const std::string& text, const std::set<std::string>& held_out) {
  for (const std::string& phrase : Leaks(text, held_out)) ADD_FAILURE() << "'" << text << "' says '" << phrase << "'";
}

TEST(TrainingText, TheCheckFindsALeak) {
  const std::set<std::string> held_out{"loaf", "red car", "hex key"};
  EXPECT_EQ(Leaks("Put the Loaf, please.", held_out), std::vector<std::string>{"loaf"});
  EXPECT_EQ(Leaks("The red car.", held_out), std::vector<std::string>{"red car"});
  EXPECT_TRUE(Leaks("The red carpet and a key of loafers.", held_out).empty());
}

// Tasks to come fill their sentences with the seen phrases of seen objects: those must be clean themselves.
TEST(TrainingText, SeenPhrasesOfSeenObjectsSayNothingHeldOut) {
  const std::set<std::string> held_out = HeldOutPhrases(Catalogue());
  EXPECT_GT(held_out.size(), 300U);
  for (const ObjectInfo& object : Catalogue()) {
    if (object.split != "seen") continue;
    for (const std::string& phrase : object.phrases_seen) ExpectClean(phrase, held_out);
  }
}

TEST(TrainingText, NoTaskTeachesWhatIsUnseen) {
  const std::set<std::string> held_out = HeldOutPhrases(Catalogue());
  for (const Task* task : AllTasks()) {
    SCOPED_TRACE(task->Spec().name);
    for (const std::string& text : task->Spec().instructions_seen) ExpectClean(text, held_out);
    if (task->Spec().evaluation_only) continue;  // `divla demo` refuses it (demonstration_test.cc)
    std::set<std::string> texts;
    for (int i = 0; i < kEpisodes; ++i) {
      const EpisodePlan plan = task->Draw(20, {task->Spec().name, "none", 0, i});
      for (const ObjectPlacement& placement : plan.objects) {
        EXPECT_EQ(FindObject(placement.object_id).split, "seen") << placement.object_id;
      }
      texts.insert(plan.instruction);
      const Scene scene = task->Build(plan);
      texts.insert(task->Truth(scene, plan).text);
      if (i == 0) {
        for (const std::string& text : TextsOfDemonstration(*task, plan)) texts.insert(text);
      }
      for (const Alternative& other : task->Alternatives(scene, plan)) {
        texts.insert(other.instruction);
        texts.insert(other.truth.text);
      }
    }
    EXPECT_FALSE(texts.empty());
    for (const std::string& text : texts) ExpectClean(text, held_out);
  }
}

// The other way round: what is marked as never demonstrated has a reason to be.
TEST(TrainingText, EvaluationOnlyTasksPlaceUnseenObjects) {
  for (const Task* task : AllTasks()) {
    if (!task->Spec().evaluation_only) continue;
    for (int i = 0; i < kEpisodes; ++i) {
      int unseen = 0;
      for (const ObjectPlacement& placement : task->Draw(20, {task->Spec().name, "none", 0, i}).objects) {
        unseen += FindObject(placement.object_id).split != "seen" ? 1 : 0;
      }
      EXPECT_GT(unseen, 0) << task->Spec().name << " " << i;
    }
  }
}

}  // namespace
}  // namespace divla
