#include "harness/bench/bench.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "harness/progress.h"
#include "harness/provenance.h"
#include "tasks/registry.h"

namespace divla {
namespace {

TEST(BenchTest, MeasuresAKnownDuration) {
  const double seconds = SecondsPerCall(0.1, [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  EXPECT_GE(seconds, 0.005);
  EXPECT_LT(seconds, 0.1);
}

TEST(BenchTest, TargetsAreBoundsFromTheRightSide) {
  EXPECT_TRUE((BenchFigure{"frames", 501, "/s", 500, true, ""}).Met());
  EXPECT_FALSE((BenchFigure{"frames", 499, "/s", 500, true, ""}).Met());
  EXPECT_FALSE((BenchFigure{"reset", 11, "ms", 10, false, ""}).Met());
  EXPECT_TRUE((BenchFigure{"anything", 1, "/s", {}, true, ""}).Met());
}

TEST(ProgressTest, DurationsReadWell) {
  EXPECT_EQ(FormatDuration(7.4), "7 s");
  EXPECT_EQ(FormatDuration(65), "1 min 05 s");
  EXPECT_EQ(FormatDuration(3720), "1 h 02 min");
  EXPECT_EQ(FormatDuration(-1), "0 s");
}

TEST(ProvenanceTest, NamesTheRulesThatAreNoLongerTheFirst) {
  using Rules = std::map<std::string, int>;
  EXPECT_EQ(RulesInUse({{"object_selection", "none", 0, 1}}), Rules{});
  const SuiteCell lift{"tray_lift", "none", 0, 1}, selection{"object_selection", "none", 0, 1};
  EXPECT_EQ(RulesInUse({lift, selection, lift}), (Rules{{"tray_lift", FindTask("tray_lift").Spec().rules}}));
}

TEST(ProvenanceTest, NamesVersionsAndMachine) {
  const RunVersions versions = ReadVersions("none");
  EXPECT_EQ(versions.mujoco, "4.0.0");
  EXPECT_EQ(versions.divla, "0.1.0");
  EXPECT_NE(versions.libtorch, "unknown");
  EXPECT_TRUE(versions.git_commit == "unknown" || versions.git_commit.size() == 40) << versions.git_commit;
  const RunMachine machine = ReadMachine();
  EXPECT_TRUE(machine.isa.starts_with("x86-64"));
  EXPECT_GE(machine.cores, 1);
  EXPECT_NE(machine.cpu, "");
}

}  // namespace
}  // namespace divla
