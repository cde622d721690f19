// Tests for policy/registry.cc.
#include "policy/registry.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(Registry, ListsBuiltInPoliciesThenCheckpointsByName) {
  const TempFolder folder;
  for (const char* name : {"zeta", "alpha", "no-config"}) std::filesystem::create_directory(folder.File(name));
  PutFile(folder.File("zeta/config.json"), R"({"description": "the last one"})");
  PutFile(folder.File("alpha/config.json"), "{}");
  PutFile(folder.File("config.json"), "{}");  // a file, not a checkpoint folder
  const std::vector<PolicyDescription> policies = ListPolicies(folder.Path());
  ASSERT_EQ(policies.size(), 4U);
  EXPECT_EQ(policies[0].name, "hold");
  EXPECT_EQ(policies[1].name, "random");
  EXPECT_EQ(policies[2].name, "alpha");
  EXPECT_EQ(policies[2].summary, "DiVLA checkpoint");
  EXPECT_EQ(policies[3].name, "zeta");
  EXPECT_EQ(policies[3].summary, "the last one");
}

TEST(Registry, ListsABrokenCheckpoint) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.File("broken"));
  PutFile(folder.File("broken/config.json"), "{\"description\": ");
  EXPECT_EQ(ListPolicies(folder.Path()).back().name, "broken");
}

TEST(Registry, WithoutCheckpointsKnowsTheBaselines) {
  EXPECT_EQ(ListPolicies("/no/such/folder").size(), 2U);
  EXPECT_EQ(MakePolicy("hold", "/no/such/folder")->Info().name, "hold");
  EXPECT_EQ(MakePolicy("random", "/no/such/folder")->Info().name, "random");
}

TEST(Registry, UnknownNamePrintsTheKnownOnes) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.File("tiny"));
  PutFile(folder.File("tiny/config.json"), "{}");
  ExpectInputError([&] { MakePolicy("divla-tinny", folder.Path()); }, {"'divla-tinny'", "hold, random, tiny"});
}

TEST(Registry, AFolderWithoutConfigIsNoCheckpoint) {
  const TempFolder folder;
  ExpectInputError([&] { MakePolicy(folder.Path(), "/no/such/folder"); }, {folder.Path(), "config.json"});
}

TEST(Registry, ABrokenCheckpointFolderIsBadInput) {
  const TempFolder folder;
  PutFile(folder.File("config.json"), "{\"description\": ");
  ExpectInputError([&] { MakePolicy(folder.Path(), "/no/such/folder"); }, {"config.json"});
}

}  // namespace
}  // namespace divla
