// rollout_hashes STEPS: for every task the hash of the compiled model and of the state after every control step of the
// scripted expert, one line each, then the bits of a few values that tell who computed them.
// tests/reproducibility/physics.sh compares what it prints under different settings.
#include <dlfcn.h>
#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "sim/controller.h"
#include "sim/hash.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// A hash of glibc's own results, whoever defines sin in this program: it shows whether a setting reached glibc.
std::string GlibcHash() {
  void* libm = dlopen("libm.so.6", RTLD_NOW);
  if (libm == nullptr) return "none";
  const auto sine = reinterpret_cast<double (*)(double)>(dlsym(libm, "sin"));
  const auto power = reinterpret_cast<double (*)(double, double)>(dlsym(libm, "pow"));
  Hasher hasher;
  for (int i = 1; i <= 200000; ++i) {
    const double values[] = {sine(i * 0x1.9p-15), power(i * 0x1.9p-15, 1.7)};
    hasher.Add(values, sizeof values);
  }
  return hasher.Hex();
}

void Print(const Task& task, int steps) {
  const EpisodePlan plan = task.Draw(20, {task.Spec().name, "none", 0, 0});
  Scene scene = task.Build(plan);
  const std::unique_ptr<Expert> expert = task.MakeExpert(plan);
  fmt::print("{} model {}\n", task.Spec().name, HashModel(scene.Model()));
  fmt::print("{} step 0 {}\n", task.Spec().name, HashState(scene));
  for (int step = 1; step <= steps; ++step) {
    ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene));
    fmt::print("{} step {} {}\n", task.Spec().name, step, HashState(scene));
  }
}

}  // namespace
}  // namespace divla

int main(int argc, char** argv) {
  try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 200;
    for (const divla::Task* task : divla::AllTasks()) divla::Print(*task, steps);
    fmt::print("glibc {}\n", divla::GlibcHash());
    Dl_info info{};
    fmt::print("sin of {}\n", dladdr(dlsym(RTLD_DEFAULT, "sin"), &info) != 0 ? info.dli_fname : "nowhere");
  } catch (const std::exception& error) {
    fmt::print(stderr, "rollout_hashes: {}\n", error.what());
    return 1;
  }
  return 0;
}
