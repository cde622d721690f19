// Agent: what drives the open episodes of a group, a policy or the privileged expert. One per worker thread; not
// thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/control.h"
#include "harness/records/records.h"
#include "policy/policy.h"
#include "policy/registry.h"
#include "sim/hash.h"
#include "sim/render/renderer.h"
#include "sim/scene.h"
#include "tasks/task.h"

namespace divla {

// What a policy was given at a query, and all that it planned: for a person who watches.
struct QueryWitness {
  Observation observation;
  ActionChunk planned;
};

// One open episode as an agent gets it. The pointers are the episode's own and valid during the call.
struct AgentView {
  const Task* task{};
  const EpisodePlan* plan{};
  const ControlPlan* control{};  // what is taken from the policy or put into its mouth; Control::kNone for nothing
  const Scene* scene{};
  Hasher* frames{};  // every picture that the policy is given goes in here
  int slot{};        // index within the group, the same from Reset to Reset
  int changes{};     // how often the plan was changed in mid-episode: an expert is made anew, a policy just goes on
  // A person's words in place of the policy's own reasoning (and of the control's), at each query; null: none.
  const ForcedReasoning* forced{};
  QueryWitness* witness{};  // filled at a query where it is not null
  QueryTrace* trace{};      // what happens inside a query (policy/policy.h); null: nobody watches
};

struct AgentAnswer {
  std::vector<float> action;           // of this control step, in the agent's Kind()
  std::optional<Reasoning> reasoning;  // set when the policy was queried at this step
  double aspect{1.0};                  // width / height of the pictures that Reasoning::pixels are fractions of
  std::string error;                   // not empty: the policy failed this episode, `action` is unusable
};

// What an agent keeps of one episode between two control steps (chunk, query counter, an expert's phase). Never changes
// once made; outlives the agent.
class AgentMemory {
 public:
  virtual ~AgentMemory() = default;
};

class Agent {
 public:
  virtual ~Agent() = default;
  virtual const PolicyInfo& Info() const = 0;
  // The pictures that it is shown of a robot at each query; no cameras: none. Throws InputError for a robot that the
  // policy does not know.
  virtual PolicyPictures Pictures(const RobotInterface& robot) const { return {robot.name, {}, 0, 0}; }
  // What its actions mean for the robot of the group that was last Reset.
  virtual ActionKind Kind() const = 0;
  // Start of a group; all episodes are of one task. Throws InputError when the policy does not know the robot.
  virtual void Reset(std::span<const AgentView> group) = 0;
  // One answer per open episode, in order, for the coming control step.
  virtual std::vector<AgentAnswer> Act(std::span<const AgentView> open) = 0;

  // For going back in time, and for a second episode that goes on from the first one's past. A memory may be recalled
  // as often as one likes, also in another slot of the group, by the agent that made it.
  // Null: it keeps nothing.
  virtual std::shared_ptr<const AgentMemory> Remember(int /*slot*/) const { return nullptr; }
  virtual void Recall(int /*slot*/, const AgentMemory& /*memory*/) {}
  // Whether the next Act asks a policy, which may take long, for this slot.
  virtual bool AsksNext(int /*slot*/) const { return false; }
  // The next Act asks, whatever is left of the chunk.
  virtual void AskAnew(int /*slot*/) {}
  // From here on the slot's episode goes on by this agent, as after `queries` queries: the next Act asks.
  virtual void BeginAt(int /*slot*/, int /*queries*/) {}
};

// Makes the thread's renderer when the first picture is wanted; may be called again and answers the same.
using RendererSource = std::function<Renderer&()>;

// Plays n_action_steps of each chunk, then queries the policy for all open episodes as one batch. Only the cameras that
// the policy asks for are rendered, and only at queries. When a batch throws, its episodes are asked one by one: so one
// bad episode does not fail its neighbours. MachineError and std::bad_alloc pass through: they are not the policy's
// fault. With a latency the answer to a query is played that much later; what it says is judged at the query.
std::unique_ptr<Agent> MakePolicyAgent(std::unique_ptr<Policy> policy, RendererSource renderer,
                                       const SimulatedLatency& latency = {});

// The task's scripted expert: reads the simulator, so it is a ceiling and not a policy.
std::unique_ptr<Agent> MakeExpertAgent();

// "expert", "replay:RUN" (harness/proof/replay.h), or a policy by name (policy/registry.h, where the options stand; the
// first two have none, and no latency). Throws InputError with the known names.
std::unique_ptr<Agent> MakeAgent(const std::string& name, RendererSource renderer, const PolicyOptions& options = {},
                                 const SimulatedLatency& latency = {});
// Whether a latency can be simulated for it: neither "expert" nor "replay:RUN".
bool IsPolicyAgent(const std::string& name);

// Where shipped checkpoints are.
std::string CheckpointDir();

}  // namespace divla
