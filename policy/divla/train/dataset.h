// What the trainer knows about its data: the folders, which embodiment each belongs to, the texts, the object classes
// and the numbers for the normaliser. Read once at the start; const members are thread-safe.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/divla/text/bpe_trainer.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/divla/train/train_config.h"
#include "policy/divla/weights/params.h"
#include "policy/rows.h"

namespace divla {

struct Source {
  RowsReader reader;
  std::string digest;  // XXH3-128 of its files
  double weight{};
  int takeovers_of{};         // the stage, from 1, before which an expert took over to make them; 0: demonstrations
  std::vector<int> cameras;   // reader's camera index of each camera of the embodiment
  std::vector<int> pictured;  // the rows that are drawn; the others only have commands
};

// One robot's data and its target points' statistics.
struct Body {
  std::string name;
  EmbodimentConfig config;
  std::vector<Source> sources;
  double weight{};  // sum of its sources' weights
  std::array<float, 6> points_mean{}, points_std{};
};

class Dataset {
 public:
  // Reads the folders of the run's tasks. Throws InputError when a folder does not fit the configuration, a task has no
  // folder, or two folders were drawn by different renderers.
  Dataset(const TrainRun& run, const std::vector<std::string>& folders);

  // Adds the rows of takeovers, made before `stage` (from 1), to the tasks' own, which must be there. The texts, the
  // numbers of the normaliser and the target points' statistics stay those of the demonstrations. Throws InputError as
  // the constructor does, and for an object class that no demonstration shows. Not thread-safe.
  void AddTakeovers(const TrainRun& run, const std::vector<std::string>& folders, int stage);

  // Sampling weights of the sources and bodies from now on; a task that is missing is not drawn. Of a task that has
  // takeovers they get `takeover_share` of its weight, by their numbers of pictures; those made before an earlier stage
  // than `since` are not drawn and count as if they were not there. Not thread-safe.
  void SetWeights(const std::map<std::string, double>& tasks, double takeover_share, int since = 1);

  const std::vector<Body>& Bodies() const { return bodies_; }
  const std::vector<std::string>& ObjectClasses() const { return classes_; }  // sorted
  int ClassIndex(const std::string& object_class) const;
  const std::string& Renderer() const { return renderer_; }  // what drew every frame (RowsInfo::renderer)

  // XXH3-128 over the folders' contents: what each row says and shows.
  std::string Digest() const;

  // Every text that a prompt or an answer is made of, with counts, for TrainBpe.
  std::vector<CountedText> Texts() const;
  ParamStore NormalizerValues(int chunk_size) const;

 private:
  // Checks a folder of the run's tasks against the configuration.
  Source OpenSource(const TrainRun& run, const std::string& folder, RowsReader reader);

  std::vector<Body> bodies_;
  std::vector<std::string> classes_;
  std::string renderer_, first_folder_;  // that was drawn by it
  std::map<std::string, std::int64_t> text_counts_;
};

// Number of entries of the chunk that starts at `row` whose command is known: it ends with the episode and before the
// first row whose label is not valid.
int ValidChunk(const RowsReader& reader, int row, int chunk_size);

// The command of a row in the embodiment's kind of action. (A)
std::span<const float> ActionOf(const EmbodimentConfig& body, const RowsReader& reader, int row);

}  // namespace divla
