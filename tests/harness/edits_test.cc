#include "harness/edits.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/episode.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

EditsAt Everything() {
  EditsAt at;
  at.step = 20;
  at.edits.instruction = "Pick the cup.";
  at.edits.reasoning = "The cup is on the left.";
  at.edits.true_reasoning = true;
  at.edits.moved = MovedObject{"cup", {0.125, 0, -0.5}};
  at.edits.push = Push{"hand", {0, 40, 0}, 5};
  at.edits.swapped = SwappedObject{"cup", "red_cube"};
  at.edits.light = ChangedLight{0.5, 0.25};
  at.edits.camera = ChangedCamera{0.25, -0.125, 1.5};
  at.edits.ask_anew = true;
  return at;
}

TEST(EditsTest, ComeBackFromTheirJson) {
  std::vector<EditsAt> edits(1);
  edits[0].step = 3;
  edits[0].edits.ask_anew = true;
  edits.push_back(Everything());
  const nlohmann::json written = ToJson(edits);
  EXPECT_EQ(written[0].dump(), R"({"ask_anew":true,"step":3})") << "what is not changed is left out";
  const std::vector<EditsAt> read = EditsFromJson(written, "here");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(ToJson(read), written);
  EXPECT_EQ(read[1].edits.swapped->object_id, "red_cube");
  EXPECT_EQ(read[1].edits.camera->distance, 1.5);
  EXPECT_EQ(Describe(read[1].edits), Describe(Everything().edits));
}

TEST(EditsTest, APushThatGoesOnIsOne) {
  std::vector<EditsAt> edits;
  AddPush({"cup", {1, 0, 0}, 1}, 7, edits);
  AddPush({"cup", {1, 0, 0}, 1}, 8, edits);
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].edits.push->steps, 2);
  EXPECT_EQ(Describe(edits), Describe(edits[0].edits));
  AddPush({"cup", {3, 0, 4}, 1}, 9, edits);   // stronger
  AddPush({"cup", {3, 0, 4}, 2}, 11, edits);  // after a pause
  AddPush({"hand", {3, 0, 4}, 1}, 13, edits);
  ASSERT_EQ(edits.size(), 4U);
  EXPECT_EQ(edits[2].step, 11);
  EXPECT_EQ(edits[2].edits.push->steps, 2);
  EditsAt words;
  words.step = 20;
  words.edits.instruction = "Stop.";
  edits.push_back(words);
  EXPECT_EQ(Describe(edits),
            "cup pushed by up to 5 N in steps 7 to 12; hand pushed by (3, 0, 4) N for 1 steps; instruction: Stop.");
  EXPECT_EQ(ToJson(EditsFromJson(ToJson(edits), "here")), ToJson(edits));
}

TEST(EditsTest, WrongJsonIsRefusedWithItsPlace) {
  const auto refused = [](const char* text, std::initializer_list<std::string> parts) {
    ExpectError<InputError>([&] { EditsFromJson(nlohmann::json::parse(text), "here"); }, parts);
  };
  refused(R"([{"step": -1}])", {"here", "entry 0", "'step'"});
  refused(R"([{"step": 1, "colour": "red"}])", {"here", "colour"});
  refused(R"([{"step": 1, "moved": {"body": "cup", "shift": [1, 2]}}])", {"'shift'", "three numbers", "[1,2]"});
  refused(R"([{"step": 1, "push": {"body": "hand", "force": [1, 2, 3], "steps": 0}}])", {"'steps'"});
  refused(R"([{"step": 5}, {"step": 4}])", {"steps that do not fall", "4 after 5"});
}

TEST(EditsTest, OnlyARunThatAPersonChangedIsRefused) {
  const TempFolder folder;
  std::ofstream(folder / "run.json") << R"({"seed": 1})";
  RequireUnedited(folder.Path());
  EXPECT_TRUE(ReadEdits(folder.Path()).empty());
  std::ofstream(folder / "run.json") << R"({"seed": 1, "edited": [{"step": 20, "instruction": "Pick the cup."}]})";
  ExpectError<InputError>([&] { RequireUnedited(folder.Path()); },
                          {"run.json", "'edited'", "step 20", "Pick the cup."});
}

class WorldTest : public testing::Test {
 protected:
  WorldTest()
      : task_(FindTask("cube_to_coloured_box")),
        plan_(DrawEpisode(task_, 1, {"cube_to_coloured_box", "none", 0, 0})),
        episode_(task_, plan_, 0) {
    for (int step = 0; step < 10; ++step) Play(episode_);
  }
  void Play(Episode& episode) const {
    AgentAnswer answer;
    answer.action.assign(plan_.robot_start.begin(), plan_.robot_start.end());
    answer.action[0] += 0.1F;
    episode.Step(ActionKind::kJointPosition, answer);
  }
  std::vector<double> State() const { return episode_.GetScene().SaveState(); }

  const Task& task_;
  EpisodePlan plan_;
  Episode episode_;
};

// Nobody but a camera sees another light or another place of the cameras: physics goes on to the bit.
TEST_F(WorldTest, LightAndCamerasLeaveThePhysicsAlone) {
  Episode other(task_, plan_, 0);
  other.Restore(*episode_.Save(), episode_.LogSoFar());
  const Scene& scene = other.GetScene();
  const int camera = scene.CameraId("left");
  const std::vector<double> before(scene.Data().cam_xpos + 3 * camera, scene.Data().cam_xpos + 3 * camera + 3);
  const float bright = scene.Model().light_diffuse[0];
  Edits edits;
  edits.light = ChangedLight{0.5, 0};
  edits.camera = ChangedCamera{0.3, 0, 1};
  ApplyEdits(edits, other);
  EXPECT_NEAR(scene.Model().light_diffuse[0], 0.5F * bright, 1e-6F);
  const std::vector<double> after(scene.Data().cam_xpos + 3 * camera, scene.Data().cam_xpos + 3 * camera + 3);
  EXPECT_NE(after, before);
  EXPECT_NEAR(after[2], before[2], 1e-9) << "round the vertical";
  for (int step = 0; step < 10; ++step) {
    Play(episode_);
    Play(other);
  }
  EXPECT_EQ(scene.SaveState(), State());
}

TEST_F(WorldTest, AnotherObjectStandsWhereTheOldOneStood) {
  const auto before = episode_.Save();
  const Pose place = episode_.GetScene().BodyPose(plan_.target);
  const std::vector<double> state = State();
  const std::string scene = HashModel(episode_.GetScene().Model());
  Edits edits;
  edits.swapped = SwappedObject{plan_.target, "green_ball"};
  ApplyEdits(edits, episode_);
  EXPECT_NE(HashModel(episode_.GetScene().Model()), scene);
  const Pose now = episode_.GetScene().BodyPose(plan_.target);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(now.position[i], place.position[i], 1e-5) << "but for 2 ms";
  EXPECT_EQ(State().size(), state.size());
  EXPECT_EQ(episode_.GetScene().Data().time, state[0]) << "time is the first number of a state";
  // Back to the moment before: the old object in the old scene.
  episode_.Restore(*before, episode_.LogSoFar());
  EXPECT_EQ(HashModel(episode_.GetScene().Model()), scene);
  EXPECT_EQ(State(), state);
}

TEST_F(WorldTest, WhatDoesNotFitIsRefusedAndHarmless) {
  const std::vector<double> state = State();
  const auto refused = [&](const std::string& body, const std::string& id, std::initializer_list<std::string> parts) {
    Edits edits;
    edits.swapped = SwappedObject{body, id};
    ExpectError<InputError>([&] { ApplyEdits(edits, episode_); }, parts);
  };
  refused("unicorn", "red_cube", {"swap", "unicorn"});
  refused(plan_.target, "unicorn", {"unicorn"});
  EXPECT_EQ(State(), state);
}

}  // namespace
}  // namespace divla
