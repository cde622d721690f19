#include "harness/edits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/episode.h"
#include "harness/json_fields.h"
#include "harness/records/record_parts_json.h"
#include "sim/check.h"
#include "tasks/catalogue.h"

namespace divla {
namespace {

using nlohmann::json;

std::array<double, 3> ReadVector(JsonFields& fields, const std::string& key) {
  const json& list = fields.Array(key);
  std::array<double, 3> vector{};
  const bool good = list.size() == 3 && std::all_of(list.begin(), list.end(), [](const json& x) {
                      return x.is_number() && std::isfinite(x.get<double>());
                    });
  if (!good) fields.Fail(key, "three numbers", list.dump(-1, ' ', false, json::error_handler_t::replace));
  for (std::size_t i = 0; i < 3; ++i) vector[i] = list[i].get<double>();
  return vector;
}

json ToJson(const EditsAt& at) {
  const Edits& edits = at.edits;
  json value;
  value["step"] = at.step;
  if (edits.instruction) value["instruction"] = *edits.instruction;
  if (edits.reasoning) value["reasoning"] = *edits.reasoning;
  if (edits.true_reasoning) value["true_reasoning"] = true;
  if (edits.moved) value["moved"] = {{"body", edits.moved->body}, {"shift", edits.moved->shift}};
  if (edits.push) {
    value["push"] = {{"body", edits.push->body}, {"force", edits.push->force}, {"steps", edits.push->steps}};
  }
  if (edits.swapped) value["swapped"] = {{"body", edits.swapped->body}, {"object", edits.swapped->object_id}};
  if (edits.light) value["light"] = {{"intensity", edits.light->intensity}, {"turn", edits.light->turn}};
  if (edits.camera) {
    value["camera"] = {{"azimuth", edits.camera->azimuth},
                       {"elevation", edits.camera->elevation},
                       {"distance", edits.camera->distance}};
  }
  if (edits.ask_anew) value["ask_anew"] = true;
  return value;
}

EditsAt ReadOne(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  EditsAt at;
  at.step = fields.Int("step", 0, kMostCount);
  Edits& edits = at.edits;
  if (fields.Has("instruction")) edits.instruction = fields.String("instruction");
  if (fields.Has("reasoning")) edits.reasoning = fields.String("reasoning");
  if (fields.Has("true_reasoning")) edits.true_reasoning = fields.Bool("true_reasoning");
  if (fields.Has("moved")) {
    JsonFields moved = fields.Object("moved");
    edits.moved = MovedObject{moved.String("body"), ReadVector(moved, "shift")};
    moved.Finish();
  }
  if (fields.Has("push")) {
    JsonFields push = fields.Object("push");
    edits.push = Push{push.String("body"), ReadVector(push, "force"), push.Int("steps", 1, kMostCount)};
    push.Finish();
  }
  if (fields.Has("swapped")) {
    JsonFields swapped = fields.Object("swapped");
    edits.swapped = SwappedObject{swapped.String("body"), swapped.String("object")};
    swapped.Finish();
  }
  if (fields.Has("light")) {
    JsonFields light = fields.Object("light");
    edits.light = ChangedLight{light.Number("intensity"), light.Number("turn")};
    light.Finish();
  }
  if (fields.Has("camera")) {
    JsonFields camera = fields.Object("camera");
    edits.camera = ChangedCamera{camera.Number("azimuth"), camera.Number("elevation"), camera.Number("distance")};
    camera.Finish();
  }
  if (fields.Has("ask_anew")) edits.ask_anew = fields.Bool("ask_anew");
  fields.Finish();
  return at;
}

// The plan with another object, light or camera.
EpisodePlan ChangedWorld(const Edits& edits, const EpisodePlan& before) {
  EpisodePlan plan = before;
  if (edits.swapped) {
    const auto placed = std::find_if(plan.objects.begin(), plan.objects.end(),
                                     [&](const ObjectPlacement& o) { return o.body == edits.swapped->body; });
    if (placed == plan.objects.end()) {
      throw InputError(
          fmt::format("swap: expected the body of an object of this scene, found '{}'", edits.swapped->body));
    }
    const ObjectInfo& old = FindObject(placed->object_id);
    const ObjectInfo& other = FindObject(edits.swapped->object_id);
    if (old.fixed != other.fixed) {
      throw InputError(fmt::format("swap: expected an object that {}, as {} does, found {}",
                                   old.fixed ? "stands still" : "can be moved", placed->object_id, other.id));
    }
    placed->object_id = other.id;
    placed->size_percent = 100;
    plan.variation.looks.erase(placed->body);  // how the old one looked
  }
  if (edits.light) {
    plan.variation.light.intensity = edits.light->intensity;
    plan.variation.light.turn = edits.light->turn;
  }
  if (edits.camera) {
    plan.variation.view.azimuth = edits.camera->azimuth;
    plan.variation.view.elevation = edits.camera->elevation;
    plan.variation.view.distance = edits.camera->distance;
  }
  return plan;
}

}  // namespace

std::string Describe(const Edits& edits) {
  std::vector<std::string> parts;
  if (edits.instruction) parts.push_back(fmt::format("instruction: {}", *edits.instruction));
  if (edits.reasoning) parts.push_back(fmt::format("reasoning: {}", *edits.reasoning));
  if (edits.true_reasoning) parts.emplace_back("reasoning: what is true");
  if (edits.swapped) parts.push_back(fmt::format("{} is now {}", edits.swapped->body, edits.swapped->object_id));
  if (edits.moved) {
    parts.push_back(fmt::format("{} moved by ({:.3g}) m", edits.moved->body, fmt::join(edits.moved->shift, ", ")));
  }
  if (edits.push) {
    parts.push_back(fmt::format("{} pushed by ({:.3g}) N for {} steps", edits.push->body,
                                fmt::join(edits.push->force, ", "), edits.push->steps));
  }
  if (edits.light) {
    parts.push_back(fmt::format("light x {:.3g}, turned by {:.3g} rad", edits.light->intensity, edits.light->turn));
  }
  if (edits.camera) {
    parts.push_back(fmt::format("cameras turned by {:.3g} and {:.3g} rad, distance x {:.3g}", edits.camera->azimuth,
                                edits.camera->elevation, edits.camera->distance));
  }
  if (parts.empty() && edits.ask_anew) parts.emplace_back("asked anew");
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string Describe(const std::vector<EditsAt>& edits) {
  struct Pushed {
    int count{}, first{}, last{};
    double most{};  // N
  };
  std::map<std::string, Pushed> pushed;  // what was only pushed, by body
  const auto only_push = [](const Edits& e) {
    Edits without = e;
    without.push.reset();
    return e.push && !ChangesSomething(without);
  };
  for (const EditsAt& at : edits) {
    if (!only_push(at.edits)) continue;
    const Push& push = *at.edits.push;
    Pushed& all = pushed[push.body];
    if (all.count++ == 0) all.first = at.step;
    all.last = std::max(all.last, at.step + push.steps - 1);
    all.most = std::max(all.most, std::hypot(push.force[0], push.force[1], push.force[2]));
  }
  std::vector<std::string> parts;
  for (const EditsAt& at : edits) {
    if (!only_push(at.edits)) {
      parts.push_back(Describe(at.edits));
      continue;
    }
    Pushed& all = pushed.at(at.edits.push->body);
    if (all.count == 1) {
      parts.push_back(Describe(at.edits));
    } else if (all.count > 1) {
      parts.push_back(fmt::format("{} pushed by up to {:.3g} N in steps {} to {}", at.edits.push->body, all.most,
                                  all.first, all.last));
      all.count = 0;  // said
    }
  }
  std::erase(parts, std::string());
  return fmt::format("{}", fmt::join(parts, "; "));
}

bool ChangesSomething(const Edits& edits) { return !Describe(edits).empty(); }

json ToJson(const std::vector<EditsAt>& edits) {
  json list = json::array();
  for (const EditsAt& at : edits) list.push_back(ToJson(at));
  return list;
}

std::vector<EditsAt> EditsFromJson(const json& list, const std::string& where) {
  std::vector<EditsAt> edits;
  for (const json& entry : list) {
    edits.push_back(ReadOne(entry, fmt::format("{}: in 'edited' entry {}", where, edits.size())));
    if (edits.size() > 1 && edits.back().step < edits[edits.size() - 2].step) {
      throw InputError(fmt::format("{}: in 'edited': key 'step': expected steps that do not fall, found {} after {}",
                                   where, edits.back().step, edits[edits.size() - 2].step));
    }
  }
  return edits;
}

std::vector<EditsAt> ReadEdits(const std::filesystem::path& run) {
  const std::filesystem::path file = run / "run.json";
  const std::string where = "file " + file.string();
  const json value = ParseJson(ReadTextFile(file), where);
  JsonFields fields(value, where);
  if (!fields.Has("edited")) return {};
  return EditsFromJson(fields.Array("edited"), where);
}

void RequireUnedited(const std::filesystem::path& run) {
  const std::vector<EditsAt> edits = ReadEdits(run);
  if (edits.empty()) return;
  throw InputError(fmt::format(
      "file {}: key 'edited': expected a run as a policy made it, found one that a person changed at step {} "
      "({})",
      (run / "run.json").string(), edits.front().step, Describe(edits.front().edits)));
}

void ApplyEdits(const Edits& edits, Episode& episode) {
  if (edits.push) episode.GetScene().BodyId(edits.push->body);  // throws for one that is not there
  if (edits.swapped || edits.light || edits.camera) {
    episode.ChangeWorld(ChangedWorld(edits, episode.Plan()));
  }
  if (edits.instruction) episode.ChangeInstruction(*edits.instruction);
  if (edits.moved) {
    Scene& scene = episode.MutableScene();
    Pose pose = scene.BodyPose(edits.moved->body);
    for (std::size_t i = 0; i < 3; ++i) pose.position[i] += edits.moved->shift[i];
    scene.SetFreeBody(edits.moved->body, pose);
    episode.SceneChanged();
  }
}

void AddPush(const Push& push, int step, std::vector<EditsAt>& edits) {
  DIVLA_CHECK(edits.empty() || edits.back().step <= step, "edits are in the order of their steps");
  if (!edits.empty()) {
    const EditsAt& last = edits.back();
    const std::optional<Push>& before = last.edits.push;
    if (before && before->body == push.body && before->force == push.force && last.step + before->steps == step) {
      edits.back().edits.push->steps += push.steps;
      return;
    }
  }
  EditsAt at;
  at.step = step;
  at.edits.push = push;
  edits.push_back(std::move(at));
}

void ApplyPushes(const std::vector<EditsAt>& edits, int step, Scene& scene) {
  mjtNum* forces = scene.MutableData().xfrc_applied;
  for (const EditsAt& at : edits) {
    if (at.edits.push) std::fill_n(forces + 6 * scene.BodyId(at.edits.push->body), 3, 0.0);
  }
  for (const EditsAt& at : edits) {
    if (!at.edits.push || step < at.step || step >= at.step + at.edits.push->steps) continue;
    mjtNum* force = forces + 6 * scene.BodyId(at.edits.push->body);
    for (std::size_t i = 0; i < 3; ++i) force[i] += at.edits.push->force[i];
  }
}

}  // namespace divla
