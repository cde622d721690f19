// TableTopTask: what every task at the table does in the same way: drawing (instruction, layout and robot start from
// streams of their own), building and premises. A task adds its words, its layout, its success, its truth and its
// expert.
//
// A crowded layout may hide what must be seen. Where that can happen (IsCrowded), Draw builds the scene and draws the
// layout again, up to 20 times, until every premise holds; the first layout stays where it is good.
#pragma once

#include <string>
#include <vector>

#include "tasks/task.h"

namespace divla {

class TableTopTask : public Task {
 public:
  const TaskSpec& Spec() const final { return spec_; }
  EpisodePlan Draw(std::uint64_t seed, const EpisodeKey& key) const final;
  Scene Build(const EpisodePlan& plan) const final;
  std::vector<Premise> Premises(const Scene& scene, const EpisodePlan& plan) const final;

 protected:
  // `outer_cameras`: the target and the destination must be seen from one of them. `arm`: must reach the target, unless
  // ArmFor says otherwise.
  TableTopTask(TaskSpec spec, std::vector<std::string> outer_cameras, int arm);

  // Sets instruction, target and destination.
  virtual void DrawInstruction(Rng& rng, EpisodePlan& plan) const = 0;
  // Appends the objects; the instruction is drawn already.
  virtual void DrawLayout(Rng& rng, EpisodePlan& plan) const = 0;
  // The arm that must reach the object: where each arm has objects of its own.
  virtual int ArmFor(const EpisodePlan& plan, const std::string& body) const;
  // Whether a layout may turn out to break a premise.
  virtual bool IsCrowded() const { return false; }
  // Premises beside those of every table-top task: what a second arm must reach, what else must be seen.
  virtual std::vector<Premise> MorePremises(const Scene& scene, const EpisodePlan& plan) const;

 private:
  TaskSpec spec_;
  std::vector<std::string> outer_cameras_;
  int arm_;
};

}  // namespace divla
