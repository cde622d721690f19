#include "policy/divla/ops/step_graph.h"

#include <gtest/gtest.h>

#include <utility>

namespace divla {
namespace {

TEST(StepGraph, OnTheCpuEachRunCallsTheStepOnce) {
  StepGraph graph(c10::kCPU);
  int calls = 0;
  for (int i = 1; i <= 4; ++i) {
    graph.Run([&] { ++calls; });
    EXPECT_EQ(calls, i);
  }
  StepGraph moved = std::move(graph);
  moved.Run([&] { ++calls; });
  EXPECT_EQ(calls, 5);
}

}  // namespace
}  // namespace divla
