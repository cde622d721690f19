#include "tests/policy/fixed_queries.h"

#include <algorithm>

#include "sim/hash.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

constexpr int kQueries = 5;  // per robot

// Sentences of different length, so that a batch pads.
const char* const kInstructions[kQueries] = {
    "Pick purple cube to blue box.", "I am hungry.", "Pick up the cube with the right arm and hand it to the left arm.",
    "I am thirsty, what is there to drink?", "Pick purple cube to yellow box."};

Image Rectangles(int height, int width, std::uint64_t number) {
  Image image{height, width, {}};
  image.rgb.resize(image.ByteCount());
  Rng rng({.seed = 11, .stream = "fixed-queries-picture", .index = number});
  const auto fill = [&](int top, int left, int bottom, int right) {
    std::uint8_t colour[3];
    for (std::uint8_t& channel : colour) channel = static_cast<std::uint8_t>(rng.Int(256));
    for (int row = top; row < bottom; ++row) {
      for (int column = left; column < right; ++column) {
        const auto at = static_cast<std::size_t>(row * width + column) * 3;
        std::copy(colour, colour + 3, image.rgb.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  };
  fill(0, 0, height, width);
  for (int i = 0; i < 12; ++i) {
    const int top = rng.Int(height), left = rng.Int(width);
    fill(top, left, std::min(height, top + 4 + rng.Int(30)), std::min(width, left + 4 + rng.Int(30)));
  }
  return image;
}

Observation FixedObservation(const RobotInterface& robot, const PolicyRequirements& wants, int number) {
  Observation observation = TestObservation(robot, wants, number);
  observation.instruction = kInstructions[number];
  std::uint64_t picture = static_cast<std::uint64_t>(number) * 10 + (robot.name == "panda" ? 0 : 100);
  for (auto& [camera, image] : observation.images) image = Rectangles(image.height, image.width, picture++);
  Rng rng(
      {.seed = 11, .task = robot.name, .stream = "fixed-queries-state", .index = static_cast<std::uint64_t>(number)});
  for (float& value : observation.state) value += static_cast<float>(rng.Uniform(-0.2, 0.2));
  for (std::size_t i = 0; i < observation.tool.size(); i += kToolPoseSize) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      observation.tool[i + axis] += static_cast<float>(rng.Uniform(-0.1, 0.1));
    }
  }
  return observation;
}

}  // namespace

FixedAnswers AskFixedQueries(Policy& policy, int batch) {
  FixedAnswers answers;
  Hasher all;
  for (const RobotInterface& robot : TestRobots()) {
    const PolicyRequirements wants = policy.Requirements(robot);
    std::vector<Observation> observations;
    for (int i = 0; i < kQueries; ++i) observations.push_back(FixedObservation(robot, wants, i));
    for (int first = 0; first < kQueries; first += batch) {
      const int count = std::min(batch, kQueries - first);
      policy.Reset(robot, count);
      std::vector<Query> queries;
      for (int i = 0; i < count; ++i) {
        const int number = first + i;
        queries.push_back({&observations[static_cast<std::size_t>(number)], i, static_cast<std::uint64_t>(number), 3});
      }
      for (const PolicyOutput& output : policy.Infer(queries)) {
        const auto bytes = std::span<const float>(output.actions.values);
        all.Add(output.reasoning.grounded);
        all.Add(bytes);
        answers.lines.push_back(robot.name + " " + std::to_string(answers.lines.size()) + " " +
                                HashHex(bytes.data(), bytes.size_bytes()) + " " + output.reasoning.grounded);
      }
    }
  }
  answers.hash = all.Hex();
  return answers;
}

}  // namespace divla
