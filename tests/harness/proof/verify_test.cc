#include "harness/proof/verify.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "harness/canonical_json.h"
#include "sim/hash.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "cube_to_coloured_box.none.0.0001";
constexpr std::size_t kHashBytes = 32;

void Write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    small_.Go(run_);
    log_ = run_ / "logs" / (std::string(kKey) + ".bin");
    bytes_ = ReadTextFile(log_);
    decoded_ = ReadLog(log_);
  }
  Verification Verify(const std::string& episode = "", bool frames = false) const {
    return VerifyRun(
        run_, {.workers = 2, .episode = episode, .frames = frames, .stop = {}, .find_task = small_.Tasks()}, nullptr);
  }
  // The differences of the episode kKey after its log was changed to these bytes.
  std::vector<Difference> With(const std::string& bytes) const {
    Write(log_, bytes);
    const Verification verification = Verify(kKey);
    EXPECT_EQ(verification.episodes.size(), 1U);
    EXPECT_FALSE(verification.Agrees());
    Write(log_, bytes_);
    return verification.episodes.at(0).differences;
  }
  // A changed log that a person made look right: its own hash is that of its bytes.
  std::vector<Difference> WithLog(const std::function<void(EpisodeLog&)>& change) const {
    EpisodeLog log = decoded_;
    change(log);
    const auto encoded = EncodeLog(log);
    return With({reinterpret_cast<const char*>(encoded.data()), encoded.size()});
  }
  // Where the first action's first byte stands in the log: its header is texts of known length.
  std::size_t FirstAction() const {
    const EpisodeLog& log = decoded_;
    return 8 + 4 + 8 + log.key.task.size() + 8 + log.key.axis.size() + 4 + 4 + 8 + 8 + log.robot.size() + 8 +
           log.instruction.size() + 4 + 4 + 4;
  }

  SmallRun small_;
  TempFolder folder_;
  fs::path run_{folder_ / "run"}, log_;
  std::string bytes_;
  EpisodeLog decoded_;
};

bool Has(const std::vector<Difference>& differences, const std::string& field) {
  return std::any_of(differences.begin(), differences.end(),
                     [&](const Difference& difference) { return difference.field == field; });
}

TEST_F(VerifyTest, AnUntouchedRunAgrees) {
  for (const bool frames : {false, true}) {
    const Verification verification = Verify("", frames);
    EXPECT_TRUE(verification.Agrees()) << FormatVerification(verification, run_);
    EXPECT_EQ(verification.episodes.size(), 5U);
    EXPECT_EQ(verification.frames, frames);
    EXPECT_TRUE(verification.notes.empty());
    for (const EpisodeCheck& check : verification.episodes) EXPECT_EQ(check.steps, small_.horizon);
  }
  EXPECT_EQ(ToJson(Verify())["agrees"], true);
  EXPECT_EQ(Verify(kKey).episodes.size(), 1U);
  ExpectError<InputError>([&] { Verify("cube_to_coloured_box.none.0.0099"); }, {"--episode", "0099"});
}

TEST_F(VerifyTest, EveryByteOfTheActionsIsNoticedWithItsStep) {
  const std::size_t first = FirstAction();
  const auto width = static_cast<std::size_t>(decoded_.action_dim) * sizeof(float);
  ASSERT_EQ(std::memcmp(bytes_.data() + first, decoded_.actions.data(), 4 * width), 0);
  for (std::size_t at = 0; at < 4 * width; ++at) {
    // A bit that makes little of the number, one that makes much of it, and all of them.
    const int change = at % 3 == 0 ? 0x01 : at % 3 == 1 ? 0x80 : 0xFF;
    std::string changed = bytes_;
    changed[first + at] = static_cast<char>(changed[first + at] ^ change);
    const auto differences = With(changed);
    ASSERT_FALSE(differences.empty()) << at;
    EXPECT_EQ(differences[0].step, static_cast<int>(at / width)) << "byte " << at << ": " << differences[0].field;
    EXPECT_TRUE(Has(differences, "log")) << at;
    EXPECT_TRUE(Has(differences, "hash.actions")) << at;
  }
}

// Through the whole file: header, actions, states, texts and the hash itself.
TEST_F(VerifyTest, AChangedByteAnywhereIsNoticed) {
  int with_step = 0, tried = 0;
  for (std::size_t at = 3; at < bytes_.size(); at += 41) {
    std::string changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto differences = With(changed);
    ASSERT_FALSE(differences.empty()) << at;
    EXPECT_TRUE(Has(differences, "log")) << at;
    with_step += differences[0].step >= 0;
    ++tried;
  }
  // Nearly all of a log are its states.
  EXPECT_GT(with_step, tried * 3 / 4) << tried;
}

// Damaged texts are no UTF-8 and may hold control characters; what is printed is one clean line for each.
TEST_F(VerifyTest, DamagedTextsArePrintedCleanly) {
  for (std::size_t at = 0; at < FirstAction(); ++at) {
    std::string changed = bytes_;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0x80 : 0x60));
    Write(log_, changed);
    const Verification verification = Verify(kKey);
    EXPECT_FALSE(verification.Agrees()) << at;
    EXPECT_NO_THROW(static_cast<void>(ToJson(verification).dump())) << at;
    for (const char c : FormatVerification(verification, run_)) {
      ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ') << at;
    }
  }
}

TEST_F(VerifyTest, ATruncatedLogIsNoticed) {
  for (const double share : {0.0, 0.05, 0.3, 0.6, 0.95, 0.999}) {
    const auto size = static_cast<std::size_t>(share * static_cast<double>(bytes_.size()));
    EXPECT_TRUE(Has(With(bytes_.substr(0, size)), "log")) << share;
  }
  fs::remove(log_);
  const Verification verification = Verify();
  EXPECT_EQ(verification.Different(), 1);
  EXPECT_EQ(ToJson(verification)["agrees"], false);
}

TEST_F(VerifyTest, AChangedStateIsNamedByItsJoint) {
  const auto differences = WithLog([](EpisodeLog& log) {
    // Row 2, after the time: the first joint of the arm.
    double& value = log.states[static_cast<std::size_t>(2 * log.state_size + 1)];
    value = std::nextafter(value, 10.0);
  });
  EXPECT_EQ(differences.at(0).step, 1);
  EXPECT_NE(differences.at(0).field.find("state qpos[0] ("), std::string::npos) << differences.at(0).field;
  EXPECT_NE(differences.at(0).expected, differences.at(0).found);
  EXPECT_EQ(differences.size(), 1U);  // the recorded hashes are those of the replay
  const auto initial = WithLog([](EpisodeLog& log) { log.states[3] += 1; });
  EXPECT_EQ(initial.at(0).step, 0);
  EXPECT_TRUE(initial.at(0).field.starts_with("initial state qpos[2]")) << initial.at(0).field;
}

TEST_F(VerifyTest, AnInventedLogDoesNotPass) {
  EXPECT_EQ(WithLog([](EpisodeLog& log) { log.actions[1] += 0.01F; }).at(0).step, 0);
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.reasoning[1].truth = "The cube is red."; }), "true reasoning"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.reasoning[1].required.clear(); }), "required phrases"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.reasoning[1].correct ^= true; }), "text correct"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.reasoning[1].faithful ^= true; }), "text faithful"));
  // Another text is judged again: the record's counts no longer follow from it.
  const auto said = WithLog([](EpisodeLog& log) { log.reasoning[1].said = log.reasoning[1].truth; });
  EXPECT_TRUE(Has(said, "reasoning.correct")) << said.at(0).field;
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.reasoning.pop_back(); }), "reasoning.queries"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.instruction = "Do as you like."; }), "log instruction"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) { log.seed = 9; }), "log seed"));
  EXPECT_TRUE(Has(WithLog([](EpisodeLog& log) {
                    log.actions.resize(log.actions.size() - static_cast<std::size_t>(log.action_dim));
                    log.states.resize(log.states.size() - static_cast<std::size_t>(log.state_size));
                  }),
                  "steps"));
}

// One field of the recorded line after the other.
TEST_F(VerifyTest, EveryFieldOfTheRecordIsCheckedAgain) {
  fs::remove(run_ / "journal.jsonl");  // else the changed line alone would be found
  fs::remove(run_ / "summary.json");
  const std::vector<EpisodeRecord> records = ReadEpisodes(run_);
  const auto refuse = [&](const std::string& field, const std::function<void(EpisodeRecord&)>& change) {
    auto changed = records;
    for (EpisodeRecord& record : changed) {
      if (ToString(record.key) == kKey) change(record);
    }
    Write(run_ / "episodes.jsonl", EpisodeLines(changed));
    const Verification verification = Verify(kKey, true);
    EXPECT_TRUE(Has(verification.episodes.at(0).differences, field)) << field;
  };
  refuse("success", [](EpisodeRecord& record) { record.success = true; });
  refuse("success_once", [](EpisodeRecord& record) { record.success_once = true; });
  refuse("success_held", [](EpisodeRecord& record) { record.success_held = true; });
  refuse("progress", [](EpisodeRecord& record) { record.progress = 0.5; });
  refuse("objects.placed", [](EpisodeRecord& record) { record.objects.placed = 1; });
  refuse("steps", [](EpisodeRecord& record) { record.steps = 3; });
  refuse("sim_seconds", [](EpisodeRecord& record) { record.sim_seconds = 3; });
  refuse("termination", [](EpisodeRecord& record) { record.termination = Termination::kSuccess; });
  refuse("failure", [](EpisodeRecord& record) { record.failure = "dropped"; });
  refuse("reasoning.first_wrong_step", [](EpisodeRecord& record) { record.reasoning.first_wrong_step = 3; });
  refuse("instruction", [](EpisodeRecord& record) { record.instruction += "!"; });
  refuse("hash.scene", [](EpisodeRecord& record) { record.hash.scene[0] = 'x'; });
  refuse("hash.initial_state", [](EpisodeRecord& record) { record.hash.initial_state[0] = 'x'; });
  refuse("hash.frames", [](EpisodeRecord& record) { record.hash.frames[0] = 'x'; });
  refuse("hash.actions", [](EpisodeRecord& record) { record.hash.actions[0] = 'x'; });
  refuse("hash.states", [](EpisodeRecord& record) { record.hash.states[0] = 'x'; });
  refuse("intervention.kind", [](EpisodeRecord& record) {
    record.intervention = InterventionRecord{InterventionKind::kObject, 1, "x", false, -1};
  });
}

TEST_F(VerifyTest, TheFilesOfTheFolderMustSayTheSame) {
  const std::string lines = ReadTextFile(run_ / "episodes.jsonl");
  Write(run_ / "episodes.jsonl", lines.substr(0, lines.find('\n') + 1));
  Verification verification = Verify();
  EXPECT_FALSE(verification.folder.empty());
  EXPECT_TRUE(Has(verification.folder, "summary.json: finished"));
  EXPECT_TRUE(Has(verification.folder, std::string("episodes.jsonl: ") + kKey));
  Write(run_ / "episodes.jsonl", lines);
  RunSummary summary = ReadRunSummary(run_);
  summary.cells[0].k = 1;
  Write(run_ / "summary.json", ToJson(summary).dump(2));
  EXPECT_TRUE(Has(Verify().folder, "summary.json: cells/0/k"));
}

TEST_F(VerifyTest, EveryNumberOfTheSummaryIsCountedAgain) {
  const auto summary = nlohmann::json::parse(ReadTextFile(run_ / "summary.json"));
  const auto flat = summary.flatten();
  int numbers = 0;
  for (const auto& [pointer, value] : flat.items()) {
    if (!value.is_number_float() || pointer.ends_with("step_seconds")) continue;  // reading refuses another grid
    auto changed = summary;
    changed[nlohmann::json::json_pointer(pointer)] = value.get<double>() + 0.001;
    Write(run_ / "summary.json", changed.dump(2));
    EXPECT_TRUE(Has(Verify(kKey).folder, "summary.json: " + pointer.substr(1))) << pointer;
    ++numbers;
  }
  EXPECT_GT(numbers, 20);
}

TEST_F(VerifyTest, AControlsRunIsPlayedUnderItsControlAndSaysSo) {
  small_.control = Control::kBlankInstruction;
  run_ = folder_ / "blank";
  small_.Go(run_);
  EXPECT_TRUE(Verify("", true).Agrees());
  auto records = ReadEpisodes(run_);
  for (EpisodeRecord& record : records) record.control.reset();
  fs::remove(run_ / "journal.jsonl");
  Write(run_ / "episodes.jsonl", EpisodeLines(records));
  const Verification verification = Verify();
  EXPECT_FALSE(verification.Agrees());
  EXPECT_TRUE(Has(verification.folder, std::string("episodes.jsonl: ") + kKey + " control"));
}

TEST_F(VerifyTest, ACameraThatIsNotThereIsADifferenceAndNoEnd) {
  ASSERT_EQ(decoded_.reasoning.at(0).pixels.count("left"), 1U);
  const auto differences = WithLog([](EpisodeLog& log) {
    auto& pixels = log.reasoning.at(0).pixels;
    pixels = {{"xeft", pixels.at("left")}};
  });
  EXPECT_TRUE(Has(differences, "location error"));
}

TEST_F(VerifyTest, ChangedPicturesAreNoticedOnlyWhenDrawnAgain) {
  RunInfo info = ReadRunInfo(run_);
  info.pictures->policy[0].cameras = {"wrist", "left"};  // another order is another hash
  Write(run_ / "run.json", ToJson(info).dump(2));
  EXPECT_TRUE(Verify().Agrees());
  EXPECT_EQ(Verify("", true).Different(), 5);
  info.versions.renderer = "software 0";
  Write(run_ / "run.json", ToJson(info).dump(2));
  ExpectError<InputError>([&] { Verify("", true); }, {"versions.renderer", "software 0", "cannot be checked"});
  info.pictures.reset();
  Write(run_ / "run.json", ToJson(info).dump(2));
  ExpectError<InputError>([&] { Verify("", true); }, {"run.json", "'pictures'", "frames cannot be checked"});
}

TEST_F(VerifyTest, WhatOtherRulesJudgedIsNotJudgedAgain) {
  RunInfo info = ReadRunInfo(run_);
  info.versions.rules["cube_to_coloured_box"] = 9;
  Write(run_ / "run.json", ToJson(info).dump(2));
  ExpectError<InputError>([&] { Verify(); },
                          {"run.json", "'versions.rules.cube_to_coloured_box'", "expected 1", "found 9"});
  fs::remove_all(run_ / "logs");  // scenes and initial states are no matter of rules
  EXPECT_TRUE(Verify().Agrees());
}

TEST_F(VerifyTest, WithoutLogsOnlyTheBeginningsAreChecked) {
  fs::remove_all(run_ / "logs");
  const Verification verification = Verify();
  EXPECT_TRUE(verification.Agrees());
  ASSERT_EQ(verification.notes.size(), 1U);
  EXPECT_NE(verification.notes[0].find("no folder logs/"), std::string::npos);
  std::string lines = ReadTextFile(run_ / "episodes.jsonl");
  lines.replace(lines.find("\"scene\":\"") + 9, 1, "x");
  Write(run_ / "episodes.jsonl", lines);
  EXPECT_EQ(Verify().Different(), 1);
}

TEST_F(VerifyTest, AKilledRunIsCheckedByItsJournal) {
  fs::remove(run_ / "episodes.jsonl");
  fs::remove(run_ / "summary.json");
  const std::string lines = ReadTextFile(run_ / "journal.jsonl");
  Write(run_ / "journal.jsonl", lines.substr(0, lines.find('\n') + 10));
  const Verification verification = Verify();
  EXPECT_TRUE(verification.Agrees()) << FormatVerification(verification, run_);
  EXPECT_EQ(verification.episodes.size(), 1U);
  EXPECT_EQ(verification.notes.size(), 3U);
}

// Policies that fail at their second query: by throwing, by a number that is none, and by an action that the controller
// refuses, whose text was judged.
TEST(VerifyPolicyErrorTest, AFailedPolicyReplaysToItsFailure) {
  const TempFolder folder;
  enum class Fails { kThrows, kNoNumber, kRefused };
  for (const Fails how : {Fails::kThrows, Fails::kNoNumber, Fails::kRefused}) {
    const fs::path path = folder / std::to_string(static_cast<int>(how));
    const SmallRun run;
    const auto answer = [how](const Query& query, PolicyOutput& output) {
      output.reasoning.text = "Pick the purple cube.";
      if (how == Fails::kRefused) {
        const std::vector<float> pose{0.5F, 0, 0.4F, 1, 0, 0, 0, -1, 0, 1};
        output.actions = {ActionKind::kEndEffectorPose, 16, kEndEffectorActionSize, {}};
        for (int i = 0; i < 16; ++i) {
          output.actions.values.insert(output.actions.values.end(), pose.begin(), pose.end());
        }
        if (query.query_number == 1) output.actions.values.assign(160, 0.0F);  // no rotation
      } else if (query.query_number == 1) {
        if (how == Fails::kThrows) throw std::runtime_error("out of ideas");
        output.actions.values[0] = std::nanf("");
      }
    };
    const auto agents = [&](RendererSource renderer) -> std::unique_ptr<Agent> {
      PolicyRequirements wants{.cameras = {"left"}, .image_height = 16, .image_width = 16};
      wants.n_action_steps = 2;
      if (how == Fails::kRefused) wants.action_kind = ActionKind::kEndEffectorPose;
      return MakePolicyAgent(std::make_unique<FakePolicy>(wants, nullptr, answer), std::move(renderer));
    };
    RunRequest request{.policy = "failing", .shard = {}, .command = {"divla"}};
    RunFolder run_folder(CreateRunFolder(path), DescribeRun(run.suite, request, *agents(nullptr)));
    RunGroups(run_folder, run.suite, GroupsLeft(run_folder), agents,
              {.workers = 1, .frames = ReportFrames::kAll, .stop = {}, .find_task = run.Tasks()}, {}, nullptr);
    for (const EpisodeRecord& record : ReadEpisodes(path)) {
      EXPECT_EQ(record.termination, Termination::kPolicyError);
      EXPECT_EQ(record.steps, 2);
      EXPECT_EQ(record.reasoning.queries, how == Fails::kRefused ? 2 : 1);
    }
    const Verification verification =
        VerifyRun(path, {.workers = 1, .frames = true, .stop = {}, .find_task = run.Tasks()}, nullptr);
    EXPECT_TRUE(verification.Agrees()) << FormatVerification(verification, path);
  }
}

}  // namespace
}  // namespace divla
