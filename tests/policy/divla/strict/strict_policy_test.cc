// What strict mode promises of the shipped checkpoint: one hash of actions and reasoning, committed in
// tests/golden/strict/, whatever the batch, the threads, the processor's kernels that LibTorch and its libraries are
// told to use, and glibc's variants. DIVLA_REGENERATE=1 writes that file anew (after training the checkpoint again).
#include <ATen/record_function.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>

#include "policy/registry.h"
#include "tests/policy/divla/tiny_model.h"
#include "tests/policy/fixed_queries.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

const std::string kRoot = DIVLA_SOURCE_DIR;
const std::string kCheckpoint = kRoot + "/assets/checkpoints/divla-tiny";
const std::string kGolden = kRoot + "/tests/golden/strict/divla-tiny.txt";

std::unique_ptr<Policy> Load(bool strict) { return MakePolicy(kCheckpoint, kCheckpoint, {.strict = strict}); }

std::string StrictHash() { return AskFixedQueries(*Load(true), 1).hash; }

// What the program prints, run with `settings` (words like NAME=value) in its environment.
std::string HashUnder(const std::string& settings, const std::string& options) {
  const std::string command = "env " + settings + " " + DIVLA_POLICY_HASH + " " + options + " " + kCheckpoint;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  std::string text;
  std::array<char, 256> part{};
  while (std::fgets(part.data(), static_cast<int>(part.size()), pipe) != nullptr) text += part.data();
  const int code = pclose(pipe);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return code == 0 ? text : fmt::format("exit status {}: {}", code, text);
}

struct Setting {
  const char* what;
  const char* environment;
};
const Setting kSettings[] = {
    {"ATen without vectors", "ATEN_CPU_CAPABILITY=default"},
    {"ATen with AVX2", "ATEN_CPU_CAPABILITY=avx2"},
    {"ATen with AVX-512", "ATEN_CPU_CAPABILITY=avx512"},
    {"MKL for all processors", "MKL_CBWR=COMPATIBLE"},
    {"oneDNN with SSE4.1", "ONEDNN_MAX_CPU_ISA=SSE41"},
    {"four OpenMP threads", "OMP_NUM_THREADS=4 MKL_NUM_THREADS=4"},
    {"glibc without FMA and AVX2", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX"},
    {"all of these",
     "ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41 OMP_NUM_THREADS=4 "
     "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX"},
};

TEST(StrictPolicyTest, HasTheCommittedHash) {
  const std::unique_ptr<Policy> policy = Load(true);
  const std::string weights = policy->Info().weights_sha256, hash = AskFixedQueries(*policy, 1).hash;
  if (std::getenv("DIVLA_REGENERATE") != nullptr) {
    PutFile(kGolden, fmt::format("weights {}\nanswers {}\n", weights, hash));
  }
  std::istringstream golden(GetFile(kGolden));
  std::string word, golden_weights, golden_hash;
  golden >> word >> golden_weights >> word >> golden_hash;
  ASSERT_EQ(weights, golden_weights) << "the weights of divla-tiny are not those the hash was recorded for. After "
                                        "training it again, run DIVLA_REGENERATE=1 ./divla test -R StrictPolicy and "
                                        "commit tests/golden/strict/divla-tiny.txt";
  EXPECT_EQ(hash, golden_hash)
      << "the same weights and the same observations give other strict answers than recorded. Either the network's "
         "arithmetic, the tokenizer or the prompt was changed (say so in the commit, and regenerate with "
         "DIVLA_REGENERATE=1 ./divla test -R StrictPolicy), or this machine computes something differently, which is "
         "what strict mode must rule out: compare the lines of policy_hash --strict --lines";
}

TEST(StrictPolicyTest, AnEpisodesAnswersDoNotDependOnItsBatch) {
  const std::unique_ptr<Policy> policy = Load(true);
  const FixedAnswers alone = AskFixedQueries(*policy, 1);
  ASSERT_EQ(alone.lines.size(), 10U);
  for (const int batch : {2, 3, 5}) EXPECT_EQ(AskFixedQueries(*policy, batch).lines, alone.lines) << batch;
}

TEST(StrictPolicyTest, AnyNumberOfThreadsGivesTheSame) {
  const std::string expected = StrictHash();
  for (const int threads : {1, 2, 4}) {
    EXPECT_EQ(HashUnder("", fmt::format("--strict --threads {}", threads)), expected) << threads;
  }
}

TEST(StrictPolicyTest, NoSettingOfTheLibrariesChangesIt) {
  const std::string expected = StrictHash();
  for (const Setting& setting : kSettings)
    EXPECT_EQ(HashUnder(setting.environment, "--strict"), expected) << setting.what;
}

// The control: without strict mode the settings do reach the arithmetic, so the test above can fail.
TEST(StrictPolicyTest, WithoutItTheSettingsChangeTheAnswers) {
  std::set<std::string> hashes;
  for (const Setting& setting : kSettings) hashes.insert(HashUnder(setting.environment, ""));
  for (const std::string& hash : hashes) EXPECT_EQ(hash.size(), 32U) << hash;
  EXPECT_GE(hashes.size(), 2U);
}

// Both modes are the same network: the same words, and actions that differ by rounding only.
TEST(StrictPolicyTest, SaysAndDoesWhatThePolicyDoesWithoutIt) {
  const std::unique_ptr<Policy> usual = Load(false), strict = Load(true);
  for (const RobotInterface& robot : TestRobots()) {
    const PolicyRequirements wants = usual->Requirements(robot);
    for (int i = 0; i < 4; ++i) {
      const Observation observation = TestObservation(robot, wants, i);
      const Query query{&observation, 0, static_cast<std::uint64_t>(i), 0};
      usual->Reset(robot, 1);
      strict->Reset(robot, 1);
      const PolicyOutput a = usual->Infer({&query, 1}).front(), b = strict->Infer({&query, 1}).front();
      EXPECT_EQ(a.reasoning.grounded, b.reasoning.grounded);
      ASSERT_EQ(a.actions.values.size(), b.actions.values.size());
      for (std::size_t k = 0; k < a.actions.values.size(); ++k) {
        EXPECT_NEAR(a.actions.values[k], b.actions.values[k], 2e-4) << robot.name << " " << i << " " << k;
      }
    }
  }
}

// Operations of LibTorch that strict mode may use: they move numbers, compare them, count, or round one operation
// exactly. A product, a convolution, an exponential or a sum would be computed in an order that LibTorch chooses.
const std::set<std::string> kExact = {"aten::_local_scalar_dense",
                                      "aten::_reshape_alias",
                                      "aten::_to_copy",
                                      "aten::_unsafe_view",
                                      "aten::add",
                                      "aten::add_",
                                      "aten::arange",
                                      "aten::as_strided",
                                      "aten::cat",
                                      "aten::chunk",
                                      "aten::clamp",
                                      "aten::clone",
                                      "aten::constant_pad_nd",
                                      "aten::contiguous",
                                      "aten::copy_",
                                      "aten::div",
                                      "aten::embedding",
                                      "aten::empty",
                                      "aten::empty_like",
                                      "aten::empty_strided",
                                      "aten::expand",
                                      "aten::fill_",
                                      "aten::flatten",
                                      "aten::flip",
                                      "aten::full",
                                      "aten::gather",
                                      "aten::gt",
                                      "aten::index_select",
                                      "aten::item",
                                      "aten::masked_fill_",
                                      "aten::max",
                                      "aten::movedim",
                                      "aten::mul",
                                      "aten::narrow",
                                      "aten::permute",
                                      "aten::reshape",
                                      "aten::resize_",
                                      "aten::scatter_",
                                      "aten::select",
                                      "aten::slice",
                                      "aten::split",
                                      "aten::split_with_sizes",
                                      "aten::sub",
                                      "aten::t",
                                      "aten::to",
                                      "aten::transpose",
                                      "aten::unbind",
                                      "aten::unfold",
                                      "aten::unsqueeze",
                                      "aten::view",
                                      "aten::zero_",
                                      "aten::zeros"};

std::mutex seen_mutex;
std::set<std::string> seen;

std::unique_ptr<at::ObserverContext> Note(const at::RecordFunction& function) {
  const std::lock_guard lock(seen_mutex);
  seen.insert(function.name());
  return nullptr;
}

TEST(StrictPolicyTest, LeavesNoArithmeticButSingleOperationsToLibTorch) {
  const auto operations = [](bool strict, const std::string& checkpoint = kCheckpoint) {
    const std::unique_ptr<Policy> policy = MakePolicy(checkpoint, checkpoint, {.strict = strict});
    seen.clear();
    const auto handle = at::addGlobalCallback(at::RecordFunctionCallback(Note).scopes({at::RecordScope::FUNCTION}));
    AskFixedQueries(*policy, 5);
    at::removeCallback(handle);
    return seen;
  };
  EXPECT_TRUE(operations(false).contains("aten::linear"));  // the control: names are seen
  for (const std::string& name : operations(true)) EXPECT_TRUE(kExact.contains(name)) << name;
  // The policies that leave a part out have operations of their own.
  for (const DivlaConfig& model : {TinySilent(), TinyInstructionPolicy()}) {
    const TempFolder folder;
    WriteRandomCheckpoint(folder.Path(), model);
    for (const std::string& name : operations(true, folder.Path())) {
      EXPECT_TRUE(kExact.contains(name)) << model.head.condition << " " << name;
    }
  }
}

}  // namespace
}  // namespace divla
