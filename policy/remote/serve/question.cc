#include "policy/remote/serve/question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <regex>

#include "policy/check_observation.h"
#include "policy/divla/images/resize.h"
#include "policy/noise_seed.h"
#include "policy/remote/native_keys.h"
#include "policy/remote/serve/wire_fields.h"
#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla::serve {
namespace {

constexpr std::size_t kLongestPrompt = 1024;  // bytes; of a forced reasoning, too
constexpr int kAlohaArms = 2, kAlohaState = 14;

[[noreturn]] void Refuse(const std::string& key, const std::string& expected, const std::string& found) {
  throw InputError(fmt::format("observation: key '{}': expected {}, found {}", key, expected, OneLine(found, 60)));
}

const std::string& Words(const WireValue& map, const std::string& key) {
  const std::string& text = TextField(map, key);
  if (text.size() > kLongestPrompt) {
    Refuse(key, fmt::format("at most {} bytes", kLongestPrompt), std::to_string(text.size()));
  }
  return text;
}

const ServedBody& NamedBody(const WireValue& message, const std::vector<ServedBody>& bodies) {
  const std::string& name = TextField(message, native::kRobot);
  std::vector<std::string> known;
  for (const ServedBody& body : bodies) {
    if (name == body.robot.name) return body;
    known.push_back(body.robot.name);
  }
  Refuse(native::kRobot, fmt::format("one of {}", fmt::join(known, ", ")), name);
}

// Cut about the centre to the aspect of the size wanted, then resized: openpi's clients put pictures on a square with
// black borders (resize_with_pad), and this takes the borders away again.
Image Fitted(Image image, int height, int width) {
  if (image.height == height && image.width == width) return image;
  const std::int64_t h = image.height, w = image.width;
  const int cut_h = static_cast<int>(std::max<std::int64_t>(1, std::min(h, w * height / width)));
  const int cut_w = static_cast<int>(std::max<std::int64_t>(1, std::min(w, h * width / height)));
  const int top = (image.height - cut_h) / 2, left = (image.width - cut_w) / 2;
  Image cut{cut_h, cut_w, {}};
  cut.rgb.reserve(cut.ByteCount());
  for (int row = top; row < top + cut_h; ++row) {
    const auto* begin = image.rgb.data() + static_cast<std::size_t>(row * image.width + left) * 3;
    cut.rgb.insert(cut.rgb.end(), begin, begin + static_cast<std::ptrdiff_t>(cut_w) * 3);
  }
  return ResizeBicubic(cut, {height, width});
}

const WireValue& ImagesField(const WireValue& message, const std::string& key) {
  const WireValue& images = Field(message, key, "a map of pictures");
  if (images.AsMap() == nullptr) Refuse(key, "a map of pictures", images.KindName());
  return images;
}

void ReadNative(const WireValue& message, const ServedBody& body, Observation& observation) {
  if (!body.wants.cameras.empty()) {
    const WireValue& images = ImagesField(message, native::kImages);
    for (const std::string& camera : body.wants.cameras) {
      const std::string path = fmt::format("{}/{}", native::kImages, camera);
      if (images.Find(camera) == nullptr) Refuse(path, "uint8 [height, width, 3]", "none");
      observation.images.emplace(camera, Picture(*images.Find(camera), path, Layout::kRowsFirst));
    }
  }
  const auto size = static_cast<std::size_t>(body.robot.StateDim());
  observation.state = Numbers(Field(message, native::kState, fmt::format("{} numbers", size)), native::kState, size);
}

// openpi's aloha_policy.py: `state` [14], left arm then right, six joints and a gripper each (0 closed, 1 open);
// `images` with channels first.
void ReadAloha(const WireValue& message, const ServedBody& body, Observation& observation) {
  if (!body.wants.cameras.empty()) {
    const WireValue& images = ImagesField(message, "images");
    for (const std::string& camera : body.wants.cameras) {
      const std::string path = "images/" + camera;
      if (images.Find(camera) == nullptr) Refuse(path, "uint8 [3, height, width]", "none");
      observation.images.emplace(camera, Fitted(Picture(*images.Find(camera), path, Layout::kChannelsFirst),
                                                body.wants.image_height, body.wants.image_width));
    }
  }
  observation.state = Numbers(Field(message, "state", "14 numbers"), "state", kAlohaState);
}

bool HasPrefix(const WireValue& message, std::string_view prefix) {
  return std::any_of(message.AsMap()->begin(), message.AsMap()->end(),
                     [prefix](const WireEntry& entry) { return entry.key.starts_with(prefix); });
}

// Our own keys and ALOHA's share names; ours name the robot.
const ServedBody& ReadKeys(const WireValue& message, const std::vector<ServedBody>& bodies, Observation& observation) {
  if (message.Find(native::kRobot) != nullptr) {
    const ServedBody& body = NamedBody(message, bodies);
    ReadNative(message, body, observation);
    return body;
  }
  if (HasPrefix(message, "observation/")) {
    throw InputError(
        "observation: keys of DROID or LIBERO: not served, because their actions are joint velocities or steps of the "
        "tool and this policy answers with absolute targets; send the keys of the metadata");
  }
  const auto body = std::find_if(bodies.begin(), bodies.end(), SpeaksAloha);
  if (message.Find("state") == nullptr || body == bodies.end()) {
    Refuse(native::kRobot, "the name of a robot and the other keys of the metadata", "none");
  }
  ReadAloha(message, *body, observation);
  return *body;
}

std::optional<std::uint64_t> Unsigned64(const WireValue& message, const std::string& key) {
  const WireValue* value = message.Find(key);
  if (value == nullptr) return std::nullopt;
  if (value->AsBigUint() != nullptr) return *value->AsBigUint();
  if (value->AsInt() == nullptr || *value->AsInt() < 0) Refuse(key, "an integer from 0 to 2^64 - 1", value->KindName());
  return static_cast<std::uint64_t>(*value->AsInt());
}

// From "task.axis.level.index", as ToString(EpisodeKey) writes it.
std::uint64_t NoiseSeedOf(std::uint64_t run_seed, const std::string& key) {
  static const std::regex form(R"(([a-z0-9_]{1,60})\.([a-z0-9_+]{1,200})\.([0-5])\.([0-9]{1,9}))");
  std::smatch part;
  if (!std::regex_match(key, part, form)) {
    Refuse(native::kEpisode, "an episode's key, such as flip_pot.none.0.0007, beside run_seed", key);
  }
  return EpisodeNoiseSeed(run_seed, part.str(1), part.str(2), std::stoi(part.str(3)), std::stoi(part.str(4)));
}

void ReadEpisode(const WireValue& message, ClientQuestion& question) {
  question.noise_seed = Unsigned64(message, native::kSeed);
  if (const WireValue* number = message.Find(native::kQuery)) {
    const std::int64_t* value = number->AsInt();
    if (value == nullptr || *value < 0 || *value > std::numeric_limits<int>::max()) {
      Refuse(native::kQuery, "an integer from 0 to 2^31 - 1", number->KindName());
    }
    question.query_number = static_cast<int>(*value);
  }
  if (const WireValue* episode = message.Find(native::kEpisode)) {
    if (episode->AsText() != nullptr) {
      question.episode = "text " + Words(message, native::kEpisode);
    } else if (episode->AsInt() != nullptr) {
      question.episode = fmt::format("int {}", *episode->AsInt());
    } else {
      Refuse(native::kEpisode, "text or an integer", episode->KindName());
    }
  }
  if (const auto run_seed = Unsigned64(message, kRunSeed)) {
    if (question.noise_seed) Refuse(kRunSeed, "this or seed", "both");
    question.noise_seed = NoiseSeedOf(*run_seed, TextField(message, native::kEpisode));
  }
  if (const WireValue* reset = message.Find(native::kReset)) {
    if (reset->AsBool() == nullptr) Refuse(native::kReset, "true or false", reset->KindName());
    question.reset = *reset->AsBool();
  }
}

void ReadReasoning(const WireValue& message, ClientQuestion& question) {
  if (message.Find(native::kReasoningMode) == nullptr) return;
  const std::string& mode = TextField(message, native::kReasoningMode);
  if (mode == native::kWithheld) {
    question.reasoning = ReasoningMode::kWithheld;
    return;
  }
  if (mode != native::kForced) Refuse(native::kReasoningMode, "forced or withheld", mode);
  question.reasoning = ReasoningMode::kForced;
  ForcedReasoning& forced = question.forced.emplace();
  forced.text = Words(message, native::kForcedReasoning);
  const WireValue* pixels = message.Find(native::kForcedPixels);
  if (pixels == nullptr) return;
  if (pixels->AsMap() == nullptr) Refuse(native::kForcedPixels, "a map", pixels->KindName());
  for (const auto& [camera, value] : *pixels->AsMap()) {
    std::optional<std::array<float, 2>>& at = forced.pixels[camera];
    if (value.IsNil()) continue;
    const std::vector<float> uv = Numbers(value, native::kForcedPixels, 2);
    for (const float part : uv) {
      if (part < 0 || part > 1) Refuse(native::kForcedPixels, "numbers in [0, 1]", fmt::format("{}", part));
    }
    at = {uv[0], uv[1]};
  }
}

}  // namespace

bool SpeaksAloha(const ServedBody& body) {
  return body.robot.arms == kAlohaArms && body.robot.StateDim() == kAlohaState &&
         body.wants.action_kind == ActionKind::kJointPosition;
}

ClientQuestion ReadQuestion(const WireValue& message, const std::vector<ServedBody>& bodies) {
  if (message.AsMap() == nullptr) {
    throw InputError(fmt::format("observation: expected a map, found {}", message.KindName()));
  }
  ClientQuestion question;
  Observation& observation = question.observation;
  const ServedBody& body = ReadKeys(message, bodies, observation);
  question.body = &body;
  observation.robot = body.robot.name;
  observation.instruction = Words(message, native::kPrompt);
  if (const WireValue* time = message.Find(native::kTime)) {
    const double* seconds = time->AsDouble();
    const std::int64_t* whole = time->AsInt();
    observation.time = seconds != nullptr ? *seconds : whole != nullptr ? static_cast<double>(*whole) : -1;
    if (!(observation.time >= 0)) Refuse(native::kTime, "seconds, at least 0", time->KindName());
  }
  const auto tool_size = static_cast<std::size_t>(body.robot.arms) * kToolPoseSize;
  if (const WireValue* tool = message.Find(native::kTool)) {
    observation.tool = Numbers(*tool, native::kTool, tool_size);
  } else if (body.tool) {
    observation.tool = body.tool(observation.state);
  } else {
    Refuse(native::kTool, fmt::format("{} numbers", tool_size), "none");
  }
  CheckObservation(observation, body.robot, body.wants);
  ReadEpisode(message, question);
  ReadReasoning(message, question);
  return question;
}

}  // namespace divla::serve
