// Reasoning and places in LeRobot's language rows, and the labels of a training row.
#include "harness/lerobot/robot_dataset.h"

#include <gtest/gtest.h>

#include "tests/harness/expect_error.h"

namespace divla {
namespace {

TEST(Reasoning, HoldsUntilAnotherIsSaid) {
  std::vector<LanguageRow> rows;
  for (int frame = 0; frame < 60; ++frame) {
    AddReasoning(frame < 7 ? "Look." : frame < 41 ? "Lift." : "Look.", frame, 20, rows);
    AddReasoning("", frame, 20, rows);
  }
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1], (LanguageRow{"assistant", "Lift.", "subtask", 0.35F, ""}));
  for (int frame = 0; frame < 60; ++frame) {
    EXPECT_EQ(ReasoningAt(rows, frame, 20), frame < 7 || frame >= 41 ? "Look." : "Lift.") << frame;
  }
  EXPECT_EQ(ReasoningAt({}, 3, 20), "");
  EXPECT_EQ(ReasoningAt({{"assistant", "All.", "plan", 0, ""}}, 3, 20), "") << "another style is no reasoning";
}

TEST(Places, ComeBackByTheirLabel) {
  const Pixels object{{"left", std::array<float, 2>{0.25F, 0.1F}}, {"wrist", std::nullopt}};
  const Pixels destination{{"left", std::array<float, 2>{1.0F, 0.0F}}};
  std::vector<LanguageRow> events;
  AddPlaces("object", object, events);
  AddPlaces("destination", destination, events);
  ASSERT_EQ(events.size(), 4U);  // what is outside the picture has no row
  for (const LanguageRow& row : events) EXPECT_EQ(row.camera, "observation.images.left");
  EXPECT_EQ(PlacesIn(events, "object"), (Pixels{{"left", std::array<float, 2>{0.25F, 0.1F}}}));
  EXPECT_EQ(PlacesIn(events, "destination"), destination);
}

TEST(Places, WhatOthersWroteIsPassedOver) {
  const auto found = [](const std::string& content, const std::string& camera = "observation.images.left",
                        const std::string& role = "assistant") {
    return PlacesIn({{role, content, "vqa", 0, camera}}, "object");
  };
  EXPECT_EQ(found(R"({"label":"object","point":[0.5,0.5]})").size(), 1U);
  for (const char* content :
       {"", "a red cube", "[1,2]", "{}", R"({"label":"cup","point":[0.5,0.5]})", R"({"label":"object","point":[0.5]})",
        R"({"label":"object","point":["a",0.5]})", R"({"label":"object","point":[200,10]})", R"({"label":"object"})"}) {
    EXPECT_TRUE(found(content).empty()) << content;
  }
  EXPECT_TRUE(found(R"({"label":"object","point":[0.5,0.5]})", "left").empty());
  EXPECT_TRUE(found(R"({"label":"object","point":[0.5,0.5]})", "observation.images.left", "user").empty());
}

TEST(Labels, ComeBackToTheBit) {
  TrainingRow row;
  row.points = {0.1F, -2.0F / 3.0F, 1e-7F, 3, 4, 5};
  const Pixels seen{{"left", std::array<float, 2>{1.0F / 3.0F, 0.7F}}, {"wrist", std::nullopt}};
  row.labels = {.instruction = "Say \"\xC3\xA4\"\n",
                .reasoning = "I do.",
                .object_pixels = seen,
                .destination_pixels = seen,
                .alternatives = {{"Other.", "Otherwise.", seen, seen, {6, 5, 4, 3, 2, 0.3F}}},
                .objects = {{"bread", seen}}};
  TrainingRow again;
  ReadLabels(LabelsText(row), "here", {"left", "wrist"}, again);
  EXPECT_EQ(again.points, row.points);
  EXPECT_EQ(LabelsText(again), LabelsText(row));
  EXPECT_EQ(again.labels.alternatives.at(0).points, row.labels.alternatives[0].points);
  EXPECT_EQ(again.labels.objects.at(0).pixels, seen);
  ReadLabels(LabelsText(row), "here", {"wrist"}, again);
  EXPECT_EQ(again.labels.object_pixels, (Pixels{{"wrist", std::nullopt}})) << "only the cameras asked for";
}

TEST(Labels, WrongOnesAreNamed) {
  TrainingRow row;
  ExpectError<InputError>([&] { ReadLabels("{", "here", {}, row); }, {"here"});
  const std::string good = LabelsText(row);
  const auto expect = [&](const std::string& before, const std::string& after,
                          std::initializer_list<std::string> parts) {
    std::string wrong = good;
    ASSERT_NE(wrong.find(before), std::string::npos) << before;
    wrong.replace(wrong.find(before), before.size(), after);
    ExpectError<InputError>([&] { ReadLabels(wrong, "here", {"left"}, row); }, parts);
  };
  expect("\"objects\":[]", "\"objects\":7", {"here", "'objects'"});
  expect("\"objects\":[]", "\"objects\":[{}]", {"here: objects", "'class'"});
  expect("\"object_pixels\":{}", "\"object_pixels\":{\"left\":[2,0]}", {"here", "'left'", "two fractions"});
  expect("\"points\":[", "\"points\":[1,", {"here", "'points'", "6 numbers"});
  expect("\"reasoning\":\"\"", "\"reason\":\"\"", {"here", "'reasoning'"});
}

TEST(RobotDataset, OddVideosAreRefused) {
  RobotInterface robot;
  robot.name = "panda";
  robot.arms = 1;
  robot.state_names = {"j", "g"};
  for (const auto& [height, width] : std::vector<std::pair<int, int>>{{97, 96}, {96, 97}, {14, 96}}) {
    const DatasetPictures pictures{.cameras = {"left"}, .height = height, .width = width};
    ExpectError<InputError>([&] { RobotDatasetInfo(robot, pictures, true, "by hand"); }, {"--render", "even"});
  }
  const DatasetPictures odd{.cameras = {"left"}, .height = 97, .width = 97, .png = true};
  EXPECT_EQ(RobotDatasetInfo(robot, odd, true, "by hand").Find("observation.images.left")->dtype, "image");
}

}  // namespace
}  // namespace divla
