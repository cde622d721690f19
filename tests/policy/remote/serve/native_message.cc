#include "tests/policy/remote/serve/native_message.h"

#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"

namespace divla::serve {

WireValue NativeMessage(const Observation& observation, const Episode& episode) {
  WireValue images = WireValue::OfMap();
  for (const auto& [camera, image] : observation.images) {
    images.Set(camera,
               WireValue::OfNdArray(ArrayOf(std::span<const std::uint8_t>(image.rgb), {image.height, image.width, 3})));
  }
  const auto numbers = [](const std::vector<float>& values) {
    return WireValue::OfNdArray(ArrayOf(std::span<const float>(values), {static_cast<std::int64_t>(values.size())}));
  };
  WireValue message = WireValue::OfMap();
  message.Set(native::kRobot, WireValue::Text(observation.robot));
  message.Set(native::kPrompt, WireValue::Text(observation.instruction));
  message.Set(native::kImages, std::move(images));
  message.Set(native::kState, numbers(observation.state));
  message.Set(native::kTool, numbers(observation.tool));
  message.Set(native::kTime, WireValue::Double(observation.time));
  if (episode.seed) message.Set(native::kSeed, WireValue::Uint(*episode.seed));
  if (episode.query) message.Set(native::kQuery, WireValue::Int(*episode.query));
  if (episode.number) message.Set(native::kEpisode, WireValue::Int(*episode.number));
  if (episode.reset) message.Set(native::kReset, WireValue::Bool(true));
  return message;
}

}  // namespace divla::serve
