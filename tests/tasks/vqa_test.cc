// Questions about scenes whose layout is written here, so that every truth is known without the code under test.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/check.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tasks/vqa/answer.h"
#include "tasks/vqa/colour_words.h"
#include "tasks/vqa/question.h"
#include "tasks/vqa/seen_object.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

struct Thing {
  const char* id;
  double x, y;
  double z{0};
};

EpisodePlan Layout(const std::string& task, const std::vector<Thing>& things) {
  EpisodePlan plan;
  plan.key = {task, "none", 0, 0};
  for (const Thing& thing : things) {
    plan.objects.push_back({thing.id, std::string("object_") + thing.id, {thing.x, thing.y, thing.z}, 0});
  }
  plan.robot_start = FindRobot(FindTask(task).Spec().robot).home;
  return plan;
}

std::vector<Question> Ask(const std::vector<Thing>& things, const std::string& task = "cube_to_coloured_box",
                          const std::string& camera = "left") {
  const EpisodePlan plan = Layout(task, things);
  return AllQuestions(FindTask(task).Build(plan), plan, camera, 1.0);
}

const Question* Find(const std::vector<Question>& questions, const std::string& text) {
  for (const Question& question : questions) {
    if (question.text.starts_with(text)) return &question;
  }
  return nullptr;
}

int CountKind(const std::vector<Question>& questions, const std::string& kind) {
  return static_cast<int>(std::count_if(questions.begin(), questions.end(),
                                        [&](const Question& question) { return question.kind == kind; }));
}

void ExpectAnswer(const std::vector<Question>& questions, const std::string& text, const std::string& answer) {
  const Question* question = Find(questions, text);
  ASSERT_NE(question, nullptr) << text;
  EXPECT_EQ(question->accepted.front(), answer) << text;
}

// Facing the robot, world +y is to the right; cam_high looks from the robot's side, so it is to the left.
TEST(VqaTest, SidesAreThoseOfTheCamera) {
  const MujocoWarningGuard guard;
  const std::vector<Thing> things{{"bread", 0.45, -0.15}, {"tape", 0.45, 0.15}};
  for (const char* camera : {"left", "right"}) {
    const auto questions = Ask(things, "cube_to_coloured_box", camera);
    const std::string from = std::string(", seen from the ") + camera + " camera?";
    ExpectAnswer(questions, "Is the bread to the left of the tape" + from, "yes");
    ExpectAnswer(questions, "Is the bread to the right of the tape" + from, "no");
    ExpectAnswer(questions, "Is the tape to the right of the bread" + from, "yes");
    ExpectAnswer(questions, "What is the object to the left of the tape" + from, "bread");
    EXPECT_EQ(Find(questions, "What is the object to the right of the tape"), nullptr);
  }
  const auto mirrored = Ask({{"bread", 0.29, -0.15}, {"tape", 0.29, 0.15}}, "transfer_cube", "cam_high");
  ExpectAnswer(mirrored, "Is the bread to the left of the tape, seen from the high camera?", "no");
  ExpectAnswer(mirrored, "What is the object to the right of the tape, seen from the high camera?", "bread");
}

TEST(VqaTest, SidesNeedTheirMargin) {
  const auto at = [](double left, double middle, double right) {
    SeenObject object;
    object.seen = true;
    object.left = left;
    object.middle = middle;
    object.right = right;
    return object;
  };
  const SeenObject b = at(0.46, 0.50, 0.54);
  EXPECT_EQ(SideOf(at(0.40, 0.42, 0.44), b), Side::kLeft);
  EXPECT_EQ(SideOf(at(0.56, 0.58, 0.60), b), Side::kRight);
  EXPECT_EQ(SideOf(at(0.44, 0.451, 0.46), b), std::nullopt);                    // 4.9 % apart
  EXPECT_EQ(SideOf(at(0.44, 0.449, 0.46), b), Side::kLeft);                     // 5.1 %
  EXPECT_EQ(SideOf(at(0.30, 0.42, 0.51), b), std::nullopt);                     // it reaches over the other's middle
  EXPECT_EQ(SideOf(at(0.40, 0.44, 0.48), at(0.30, 0.50, 0.70)), std::nullopt);  // it stands in front of a wide one
}

TEST(VqaTest, NounsThatFitTwoObjectsAreNotAskedAbout) {
  const auto questions = Ask({{"purple_cube", 0.45, -0.15}, {"red_cube", 0.45, 0.15}});
  EXPECT_EQ(Find(questions, "What colour is the cube"), nullptr);
  EXPECT_EQ(CountKind(questions, "colour"), 0);  // every other noun says the colour
  ExpectAnswer(questions, "Is the purple cube to the left of the red cube", "yes");
  const Question* object = Find(questions, "What is the red object?");
  ASSERT_NE(object, nullptr);
  EXPECT_FALSE(AnswersRightly(*object, "the cube"));
  EXPECT_TRUE(AnswersRightly(*object, "the red cube"));
  ExpectAnswer(Ask({{"purple_cube", 0.45, -0.15}, {"bread", 0.45, 0.15}}), "What colour is the cube?", "purple");
}

TEST(VqaTest, AColourOfTwoObjectsNamesNone) {
  const std::vector<Thing> things{{"red_pepper", 0.45, -0.15}, {"green_ball", 0.45, 0.15}};
  ExpectAnswer(Ask(things), "What is the red object?", "red pepper");
  auto more = things;
  more.push_back({"tape", 0.45, 0.0});  // red, too
  EXPECT_EQ(Find(Ask(more), "What is the red object?"), nullptr);
  ExpectAnswer(Ask(more), "What is the green object?", "green ball");
  // A light blue bowl may be called blue: then the blue object could be either.
  EXPECT_EQ(Find(Ask({{"bowl", 0.45, -0.15}, {"blue_cup", 0.45, 0.15}}), "What is the blue object?"), nullptr);
}

TEST(VqaTest, CountsWhatStandsOnTheTable) {
  ExpectAnswer(Ask({{"bread", 0.45, -0.15}, {"tape", 0.45, 0.15}, {"sponge", 0.55, 0}}), "How many objects", "3");
  ExpectAnswer(Ask({{"bread", 0.45, -0.15}}), "How many objects", "1");
  const EpisodePlan plan = Layout("cube_to_coloured_box", {{"bread", 0.45, -0.15}, {"tape", 0.45, 0.15}});
  Scene scene = FindTask(plan.key.task).Build(plan);
  scene.SetFreeBody("object_tape", {{0.45, 0.15, 0.10}, {1, 0, 0, 0}});  // in the air
  scene.Forward();
  EXPECT_EQ(CountKind(AllQuestions(scene, plan, "left", 1.0), "count"), 0);
  scene.SetFreeBody("object_tape", {{0.45, 0.15, -0.50}, {1, 0, 0, 0}});  // under the table: not seen
  scene.Forward();
  const auto hidden = AllQuestions(scene, plan, "left", 1.0);
  EXPECT_EQ(CountKind(hidden, "count") + CountKind(hidden, "neighbour") + CountKind(hidden, "object"), 0);
  EXPECT_EQ(CountKind(hidden, "side"), 0);
  EXPECT_EQ(Find(hidden, "What colour is the tape?"), nullptr);
  ExpectAnswer(hidden, "What colour is the bread?", "brown");
}

TEST(VqaTest, ContentsOfContainers) {
  const MujocoWarningGuard guard;
  const Thing tray{"white_tray", 0.5, 0.2};
  ExpectAnswer(Ask({tray, {"bread", 0.45, -0.15}}), "What is on the white tray?", "nothing");
  const auto full = Ask({tray, {"bread", 0.5, 0.2, 0.007}, {"tape", 0.45, -0.15}});
  ExpectAnswer(full, "What is on the white tray?", "bread");
  EXPECT_EQ(CountKind(full, "count"), 0);  // is the bread on the table?
  EXPECT_FALSE(AnswersRightly(*Find(full, "What is on"), "Nothing is on the tray."));
  EXPECT_TRUE(AnswersRightly(*Find(full, "What is on"), "A loaf lies on the white tray."));
  // Two things on it, or one that only leans on its rim.
  EXPECT_EQ(CountKind(Ask({tray, {"purple_cube", 0.5, 0.16, 0.007}, {"green_ball", 0.5, 0.24, 0.007}}), "content"), 0);
  const EpisodePlan plan = Layout("cube_to_coloured_box", {tray, {"bread", 0.45, -0.15}});
  Scene scene = FindTask(plan.key.task).Build(plan);
  scene.SetFreeBody("object_bread", {{0.5, 0.2 - 0.082, 0.020}, {1, 0, 0, 0}});
  scene.Forward();
  ASSERT_TRUE(scene.InContact(scene.BodyId("object_bread"), scene.BodyId("object_white_tray")));
  EXPECT_EQ(CountKind(AllQuestions(scene, plan, "left", 1.0), "content"), 0);
  ExpectAnswer(Ask({{"blue_box", 0.5, 0.2}, {"purple_cube", 0.5, 0.2, 0.007}}), "What is in the blue box?",
               "purple cube");
}

TEST(VqaTest, AnUnknownCameraIsNamed) { EXPECT_THROW(Ask({{"bread", 0.45, 0}}, "flip_pot", "moon"), InputError); }

TEST(AnswerTest, WholeWordsInAnyCaseAndNothingBeside) {
  const Question pot{"object", "?", {"silver pot", "pot"}, {"red car", "car", "bread", "two-handled pot"}};
  EXPECT_TRUE(AnswersRightly(pot, "Sure, there is a SILVER pot on the table."));
  EXPECT_TRUE(AnswersRightly(pot, "pot"));
  EXPECT_FALSE(AnswersRightly(pot, ""));
  EXPECT_FALSE(AnswersRightly(pot, "spot"));
  EXPECT_FALSE(AnswersRightly(pot, "pots"));
  EXPECT_FALSE(AnswersRightly(pot, "The pot or the bread."));
  EXPECT_FALSE(AnswersRightly(pot, "the two-handled pot"));  // the longer, wrong name
  EXPECT_FALSE(AnswersRightly(pot, "something else"));
  const Question car{"object", "?", {"toy red car", "red car"}, {"car", "red pepper"}};
  EXPECT_TRUE(AnswersRightly(car, "a toy red car"));
  EXPECT_FALSE(AnswersRightly(car, "a car"));
  EXPECT_FALSE(AnswersRightly(car, "a red car and another car"));
  const Question yes{"side", "?", {"yes"}, {"no"}};
  EXPECT_TRUE(AnswersRightly(yes, "Yes, it is."));
  EXPECT_FALSE(AnswersRightly(yes, "yes and no"));
  EXPECT_FALSE(AnswersRightly(yes, "eyes"));
}

TEST(AnswerTest, ColoursAcceptWhatAPersonWouldSay) {
  const auto judge = [](const std::string& colour, const std::string& said) {
    return AnswersRightly({"colour", "?", ColourNames(colour), OtherColourNames(colour)}, said);
  };
  EXPECT_TRUE(judge("light blue", "It is light blue."));
  EXPECT_TRUE(judge("light blue", "blue"));
  EXPECT_FALSE(judge("light blue", "dark blue"));
  EXPECT_FALSE(judge("light blue", "green"));
  EXPECT_TRUE(judge("purple", "violet"));
  EXPECT_FALSE(judge("red", "red or green"));
  EXPECT_TRUE(ColourNames("many").empty());
}

// Of every catalogue colour it is known whether it can be asked for.
TEST(AnswerTest, KnowsEveryColourOfTheCatalogue) {
  for (const ObjectInfo& object : Catalogue()) {
    const bool none = object.colour == "many" || object.colour == "clear";
    EXPECT_EQ(ColourNames(object.colour).empty(), none) << object.id << " " << object.colour;
  }
}

class VqaOfEveryTask : public ::testing::TestWithParam<const Task*> {};

TEST_P(VqaOfEveryTask, AsksWhatItsOwnTruthAnswers) {
  const MujocoWarningGuard guard;
  const Task& task = *GetParam();
  std::set<std::string> kinds;
  for (int index = 0; index < 6; ++index) {
    const EpisodePlan plan = task.Draw(5, {task.Spec().name, "none", 0, index});
    const Scene scene = task.Build(plan);
    for (const std::string& camera : scene.GetRobot().spec.cameras) {
      const std::vector<Question> all = AllQuestions(scene, plan, camera, 1.0);
      std::set<std::string> texts;
      for (const Question& question : all) {
        kinds.insert(question.kind);
        EXPECT_TRUE(texts.insert(question.text).second) << question.text << " twice";
        ASSERT_FALSE(question.accepted.empty()) << question.text;
        for (const std::string& right : question.accepted) {
          EXPECT_TRUE(AnswersRightly(question, "It is " + right + ".")) << question.text << " " << right;
          for (const std::string& wrong : question.wrong) {
            EXPECT_FALSE(AnswersRightly(question, right + ", or " + wrong)) << question.text << " " << wrong;
          }
        }
        for (const std::string& wrong : question.wrong) EXPECT_FALSE(AnswersRightly(question, wrong)) << question.text;
      }
      // Sides against the camera's own axes: more to the right is a larger x over depth.
      const int id = scene.CameraId(camera);
      const auto across = [&](const std::string& body) {
        const std::array<double, 3> at = scene.BodyPosition(scene.BodyId(body));
        mjtNum local[3];
        mjtNum offset[3];
        mju_sub3(offset, at.data(), scene.Data().cam_xpos + 3 * id);
        mju_mulMatTVec3(local, scene.Data().cam_xmat + 9 * id, offset);
        return local[0] / -local[2];
      };
      const std::vector<SeenObject> objects = LookAtObjects(scene, plan, camera, 1.0);
      for (const SeenObject& a : objects) {
        for (const SeenObject& b : objects) {
          if (a.nouns.empty() || b.nouns.empty()) continue;
          const Question* question =
              Find(all, "Is the " + a.nouns.front() + " to the left of the " + b.nouns.front() + ",");
          if (question == nullptr) continue;
          EXPECT_EQ(question->accepted.front() == "yes", across(a.body) < across(b.body)) << question->text;
        }
      }
      // Drawing is a function of the stream.
      Rng one({1, "t", "none", 0, index, "vqa"}), same({1, "t", "none", 0, index, "vqa"});
      const auto drawn = DrawQuestions(one, all, 1);
      const auto again = DrawQuestions(same, all, 1);
      ASSERT_EQ(drawn.size(), again.size());
      for (std::size_t i = 0; i < drawn.size(); ++i) EXPECT_EQ(drawn[i].text, again[i].text);
      for (const std::string& kind : QuestionKinds()) EXPECT_LE(CountKind(drawn, kind), 1);
    }
  }
  EXPECT_TRUE(kinds.contains("colour"));
}

INSTANTIATE_TEST_SUITE_P(Tasks, VqaOfEveryTask, ::testing::ValuesIn(AllTasks()),
                         [](const auto& task) { return task.param->Spec().name; });

}  // namespace
}  // namespace divla
