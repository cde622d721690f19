// Several environments of one task that step together, in threads of their own: what a vector environment (Gymnasium's
// gymnasium.vector.VectorEnv) needs of this suite. Results depend on the choices of episodes and on the actions alone,
// never on the number of threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/environment/environment.h"
#include "harness/environment/worker_pool.h"

namespace divla {

// What becomes of an environment whose episode is over (Gymnasium 1.1, AutoresetMode).
enum class Autoreset {
  kDisabled,  // it waits for Reset; a Step without that is an InputError
  kNextStep,  // the next Step begins the next episode, in place of stepping: reward 0, its action is ignored
  kSameStep,  // the Step that ends an episode also begins the next one; Final() keeps what it ended with
};
// "disabled", "next_step", "same_step". Throws InputError that begins with `where`.
Autoreset AutoresetNamed(const std::string& name, const std::string& where);

inline constexpr int kMostEnvironments = 4096;

struct BatchOptions {
  EnvironmentOptions environment;
  RendererKind renderer{RendererKind::kSoftware};
  int size{1};     // environments, 1 to kMostEnvironments
  int threads{1};  // 0: one for each processor; never more than environments
  Autoreset autoreset{Autoreset::kDisabled};
};

// The observations of `size` environments, one array for each part.
struct ObservationBatch {
  std::vector<std::vector<std::uint8_t>> images;  // by camera of the shape: (size x height x width x 3)
  std::vector<float> state;                       // (size x StateDim)
  std::vector<float> tool;                        // (size x ToolDim)
  std::vector<std::string> instructions;          // (size)

  ObservationBatch(const EnvironmentShape& shape, int size);
  ObservationRow Row(const EnvironmentShape& shape, int environment);
};

// What a same-step reset would else have lost.
struct FinalMoment {
  ObservationBatch observation;  // of size 1
  EnvironmentReport report;
};

// One call at a time, from any thread.
class EnvironmentBatch {
 public:
  // `task` outlives the batch. Throws InputError as ShapeOf does, and for a size or number of threads out of range.
  EnvironmentBatch(const Task& task, const BatchOptions& options);

  const EnvironmentShape& Shape() const { return shape_; }
  int Size() const { return options_.size; }
  int Threads() const { return pool_.Workers(); }

  // Begins an episode in each environment that has a choice; the others stay as they are. Throws InputError when the
  // number of choices is not the batch's, or an episode cannot begin; then that environment has none.
  void Reset(std::span<const std::optional<EpisodeChoice>> choices);
  // Begins the next episode (Environment::BeginNext) of those that are marked and have begun one before.
  void ResetToNext(const std::vector<bool>& mask);
  // One control step of all. `actions`: (Size x action_dim), row-major. Throws InputError, before anything moves, when the
  // size is wrong, a number that would be used is not finite, or an environment has no open episode. Rotation rows
  // without a direction end the episode of their environment (Environment::Step).
  void Step(std::span<const float> actions);

  // Of the last call. Observations of environments that it did not touch are their last ones.
  const ObservationBatch& Observations() const { return observations_; }
  const EnvironmentStep& Result(int environment) const { return results_.at(Index(environment)); }
  // Throws InputError when no episode was begun.
  EnvironmentReport Report(int environment) const;
  // Set when the last call was a Step that ended an episode and began the next one.
  const std::optional<FinalMoment>& Final(int environment) const { return final_.at(Index(environment)); }
  const EpisodeChoice& Choice(int environment) const { return environments_.at(Index(environment)).Choice(); }

  // The robot's first camera in each environment. Throws InputError for a size out of range or before the first Reset.
  std::vector<Image> Pictures(int height, int width);

 private:
  static std::size_t Index(int environment) { return static_cast<std::size_t>(environment); }
  void CheckActions(std::span<const float> actions) const;
  void StepOne(int environment, std::span<const float> action, int worker);
  void Look(int environment, int worker);
  Renderer& RendererOf(int worker);

  const BatchOptions options_;
  const EnvironmentShape shape_;
  std::vector<Environment> environments_;
  std::vector<EnvironmentStep> results_;
  std::vector<std::optional<FinalMoment>> final_;
  ObservationBatch observations_;
  std::vector<std::unique_ptr<Renderer>> renderers_;  // by worker, each made and used on its thread
  WorkerPool pool_;                                   // last: its threads end before what they work on
};

}  // namespace divla
