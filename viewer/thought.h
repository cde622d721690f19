// Thought: what happened inside one query to the policy, kept so that a person can look at it as it goes on and again
// later: the text token by token, the chunk as it is denoised, where was looked.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "policy/policy.h"

namespace divla {

struct CameraPictures;

struct WrittenToken {
  Reasoning so_far;  // with this token
  Attention looked;  // where, when it was chosen; empty: not known
};

// Grows while the policy is asked; each state of it never changes.
struct Thought {
  int step{};                                      // before which control step it was asked
  std::shared_ptr<const CameraPictures> pictures;  // what it was given; null when it looks at none
  std::vector<std::shared_ptr<const WrittenToken>> tokens;
  std::vector<std::shared_ptr<const ActionChunk>> denoised;  // [k] expected after denoising step k + 1
  int denoising_steps{};                                     // of the policy; 0 before the first
  Attention acted;  // at the end: where that looked which conditions the action
};

// The moments of a thought: 0 is before the first token; then comes one for each token, then one for each denoising step.
struct Moment {
  int tokens{}, denoised{};  // so many are there
};
int LastMoment(const Thought& thought);
Moment MomentOf(const Thought& thought, int moment);  // clipped to the thought
// "token 3 of 17: ' blue'", "denoising step 2 of 10".
std::string Describe(const Thought& thought, int moment);

// Which attention is shown over the pictures.
enum class Gaze {
  kAction,  // of the tokens that condition the action
  kText,    // mean over the tokens of the text
  kToken,   // of the token of this moment; after the text as kAction
};
const char* GazeName(Gaze gaze);
// Empty: not known (yet).
Attention LookedAt(const Thought& thought, Gaze gaze, int moment);
double PictureShare(const AttentionMap& map);  // sum of the weights

// A thought that is looked at again: at one of its moments, or played slowly.
struct ThoughtReplay {
  std::shared_ptr<const Thought> of;
  std::optional<int> moment;  // none: the thought is over, as usual
  bool playing{};
  double clock{};  // s, of the moment that is shown
};
// Once a frame: `shown` is the thought of the moment that is shown (null: none). Another one is not replayed.
void Follow(ThoughtReplay& replay, const std::shared_ptr<const Thought>& shown, double seconds);
void PlayAgain(ThoughtReplay& replay);         // from its start; when it plays, it stops where it is
void GoTo(ThoughtReplay& replay, int moment);  // clipped; beyond the last one it is over
void Leave(ThoughtReplay& replay);

// Writes a thought down while the policy is asked. One query; the thread that asks.
using ThoughtWatcher = std::function<void(std::shared_ptr<const Thought>)>;
class ThoughtRecorder {
 public:
  // `witness` is filled by the agent before the policy is asked, and outlives this. `show`, if not empty, gets the
  // thought after each event.
  ThoughtRecorder(int step, const QueryWitness& witness, ThoughtWatcher show);
  ThoughtRecorder(const ThoughtRecorder&) = delete;
  ThoughtRecorder& operator=(const ThoughtRecorder&) = delete;

  QueryTrace& Trace() { return trace_; }
  // After the query. Null when nothing was seen: nobody was asked, or the policy shows nothing.
  std::shared_ptr<const Thought> Finish();

 private:
  void Show();

  Thought thought_;
  const QueryWitness& witness_;
  ThoughtWatcher show_;
  QueryTrace trace_;
};

}  // namespace divla
