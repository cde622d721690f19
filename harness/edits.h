// What a person changes in mid-episode in the viewer: plain data, its JSON, and what it does to an episode. It stands in
// the run.json of an exported episode (block "edited"), so that verify and a replay can do the same changes again.
#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace divla {

class Episode;
class Scene;

// RunInfo::suite of an export: such a run is of no suite, and one that a person changed of none that a policy played.
inline constexpr const char* kViewerSuite = "viewer";
inline constexpr const char* kEditedSuite = "viewer_edited";

struct MovedObject {
  std::string body;               // a free body
  std::array<double, 3> shift{};  // m, world
};
struct Push {
  std::string body;               // any body, of the robot too
  std::array<double, 3> force{};  // N, world, at its centre of mass
  int steps{1};                   // control steps
};
// Another object of the catalogue in the place of one: the body keeps its name, its pose and its speed.
struct SwappedObject {
  std::string body;       // of one of the plan's objects
  std::string object_id;  // in the catalogue
};
// In place of what the plan's Variation says.
struct ChangedLight {
  double intensity{1.0};  // factor of every light
  double turn{};          // rad about world z, of the key light
};
struct ChangedCamera {   // of the cameras that are not on the robot, around the point of the table that each looks at
  double azimuth{};      // rad about world z
  double elevation{};    // rad upwards
  double distance{1.0};  // factor
};
// What a person changes at one step. Nothing set: all goes on as it did.
struct Edits {
  std::optional<std::string> instruction;
  // Stands in place of the policy's own text at every query from here on; its places are those of the true object.
  std::optional<std::string> reasoning;
  bool true_reasoning{};  // the truth of each moment does
  std::optional<MovedObject> moved;
  std::optional<Push> push;
  std::optional<SwappedObject> swapped;
  std::optional<ChangedLight> light;
  std::optional<ChangedCamera> camera;
  bool ask_anew{};  // drop what is left of the action chunk; changed words do so anyway
};
struct EditsAt {
  int step{};  // control steps that were executed before
  Edits edits;
};

// "instruction: ...; red cube moved by (0.05, 0, 0) m". Empty for no change.
std::string Describe(const Edits& edits);
// All of them, "; " between; many pushes of one body, which the mouse makes, as one: "hand pushed by up to 31 N in steps
// 20 to 44".
std::string Describe(const std::vector<EditsAt>& edits);
// Whether something other than the person's looking on is changed: asking anew is a change, too.
bool ChangesSomething(const Edits& edits);

// A list of {"step": 20, "instruction": "...", "moved": {"body": "...", "shift": [x, y, z]}, ...}: what is not changed is
// left out. Steps do not fall.
nlohmann::json ToJson(const std::vector<EditsAt>& edits);
// Throws InputError that begins with `where`.
std::vector<EditsAt> EditsFromJson(const nlohmann::json& list, const std::string& where);
// The block "edited" of RUN/run.json; empty: nobody changed anything. Throws InputError for a damaged file.
std::vector<EditsAt> ReadEdits(const std::filesystem::path& run);
// Throws InputError "file RUN/run.json: key 'edited': expected a run as a policy made it, found one that a person changed
// at step 20 (...)": before runs are compared, set side by side or published.
void RequireUnedited(const std::filesystem::path& run);

// Changes words and world of an episode that stands at the edits' step. Forced words and asking anew are the caller's,
// who has the agent; pushes are ApplyPushes'. Throws InputError for a body or an object that is not there or does not fit.
void ApplyEdits(const Edits& edits, Episode& episode);
// A push from `step` on, by the mouse: a longer one where it is the one before gone on. `edits` are of no later step.
void AddPush(const Push& push, int step, std::vector<EditsAt>& edits);
// Before each control step: the forces of the pushes that are on at `step`.
void ApplyPushes(const std::vector<EditsAt>& edits, int step, Scene& scene);

}  // namespace divla
