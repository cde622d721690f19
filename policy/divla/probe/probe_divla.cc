#include "policy/divla/probe/probe_divla.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/divla/config.h"
#include "policy/divla/head/condition.h"
#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/head/condition_instruction.h"
#include "policy/divla/head/ddim.h"
#include "policy/divla/head/unet.h"
#include "policy/divla/images/resize.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/model.h"
#include "policy/divla/ops/ops.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/text/tokenizer.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

const std::pair<const std::string, EmbodimentConfig>& ChooseBody(const DivlaConfig& config, ProbeInput& input) {
  const std::string name =
      input.Text("embodiment", config.embodiments.size() == 1 ? config.embodiments.begin()->first : "");
  const auto found = config.embodiments.find(name);
  if (found == config.embodiments.end()) {
    std::string known;
    for (const auto& [robot, body] : config.embodiments) known += (known.empty() ? "" : ", ") + robot;
    input.Fail(fmt::format("metadata 'embodiment': expected one of {}, found '{}'", known, name));
  }
  return *found;
}

// (1, K, H, W, 3) in [-1, 1]
at::Tensor Pixels(const VisionConfig& vision, const EmbodimentConfig& body, ProbeInput& input) {
  const std::vector<Image> images = input.Images();
  if (images.size() != body.cameras.size()) {
    input.Fail(fmt::format("images: expected {}, found {}", body.cameras.size(), images.size()));
  }
  std::vector<at::Tensor> pixels;
  for (const Image& image : images) {
    const Image fitting = ResizeBicubic(image, {vision.image_height, vision.image_width});
    pixels.push_back(at::tensor(std::vector<std::uint8_t>(fitting.rgb), at::kByte)
                         .view({vision.image_height, vision.image_width, 3}));
  }
  return at::stack(pixels).unsqueeze(0).to(at::kFloat) / 127.5 - 1.0;
}

}  // namespace

at::Tensor ProbeNoise(const std::vector<std::int64_t>& shape) {
  Rng rng({.seed = 0, .stream = "probe-noise"});
  at::Tensor noise = at::empty(shape, at::kFloat);
  auto* values = noise.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < noise.numel(); ++i) values[i] = static_cast<float>(rng.Normal());
  return noise;
}

void ProbeDivla(const std::string& folder, ProbeInput& input, ProbeOutput& output) {
  const DivlaConfig config = ReadDivlaConfig(folder + "/config.json");
  const Tokenizer tokenizer = Tokenizer::Load(folder);
  const ParamStore params = LoadWeights(config, folder + "/model.safetensors");
  const auto& [robot, body] = ChooseBody(config, input);
  const at::Tensor pixels = Pixels(config.vision, body, input);
  const std::string instruction = input.Instruction();
  const int max_new_tokens = input.MaxNewTokens(), im_end = tokenizer.TokenId(kImEnd);
  const at::Tensor state = input.RequiredFloats("state", {body.state_dim + body.ToolDim()});
  const std::vector<std::int64_t> shape = {config.head.chunk_size, body.action_dim};
  const std::optional<at::Tensor> given = input.Floats("noise", 2);
  if (given && given->sizes() != at::IntArrayRef(shape)) {
    input.Fail(fmt::format("tensor 'noise': expected shape [{}, {}]", shape[0], shape[1]));
  }
  input.Done();

  at::Tensor projected;
  const at::Tensor views = EncodeViews(config, params, robot, pixels, &projected);
  output.Add("pixel_values", pixels[0]);
  output.Add("vision_embeds", projected[0].flatten(0, 1));
  const auto act = [&, &name = robot](const at::Tensor& z, const at::Tensor& r) {
    const at::Tensor c = Condition(params, name, z, state.unsqueeze(0));
    const at::Tensor actions =
        DdimSample(config.head, MakeDdimSchedule(config.head), (given ? *given : ProbeNoise(shape)).unsqueeze(0),
                   [&](const at::Tensor& x, int t) {
                     const at::Tensor timestep = at::full({1}, static_cast<std::int64_t>(t), at::kLong);
                     return Unet(config.head, params, name, x, timestep, c, r);
                   });
    output.Add("condition", c[0]);
    output.Add("actions", actions[0]);
  };
  if (!config.head.HasLanguageModel()) {
    const std::vector<int> ids = tokenizer.Encode(instruction);
    output.AddIds("input_ids", ids);
    act(ProjectInstruction(params, robot, MeanEmbedding(params, PadTokenLists({ids})),
                           Keypoints(config.vision, params, views)),
        {});
    return;
  }
  const Prompt prompt = BuildPrompt(tokenizer, instruction, ViewGrids(config, body));
  const auto length = static_cast<std::int64_t>(prompt.ids.size());
  const std::int64_t k = config.head.num_action_tokens, capacity = length + max_new_tokens + 1 + k;
  const int prefix = PrefixLength(prompt);
  const at::Tensor positions = at::empty({3, capacity}, at::kLong);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    const std::vector<int>& known = prompt.positions[static_cast<std::size_t>(axis)];
    for (std::int64_t i = 0; i < capacity; ++i) {
      positions[axis][i] = i < length ? known[static_cast<std::size_t>(i)] : prompt.next_position + i - length;
    }
  }
  const RopeTable rope = MakeRopeTable(config.text, positions);
  KvCache cache = MakeKvCache(config.text, 1, capacity);
  const auto run = [&](const at::Tensor& x, std::int64_t slot) {  // x (1, T, d) from this slot on
    const at::Tensor slots = at::arange(slot, slot + x.size(1), at::kLong).unsqueeze(0);
    return CachedForward(config.text, params, x, slots, rope, cache);
  };
  const auto embed = [&](std::int64_t id) { return EmbedTokens(params, at::full({1, 1}, id, at::kLong)); };
  std::vector<at::Tensor> pieces = PrefixPieces(params, prompt, views);
  const std::vector<std::int64_t> rest(prompt.ids.begin() + prefix, prompt.ids.end());
  pieces.push_back(EmbedTokens(params, at::tensor(rest, at::kLong).unsqueeze(0)));
  const at::Tensor states = run(at::cat(pieces, 1), 0)[0];

  // As the policy does it: the end token is always read, whether it was written or not, and then the action tokens.
  std::vector<int> ids;
  at::Tensor last = states[-1], sum = at::zeros({config.text.hidden_size}, at::kFloat);
  std::int64_t slot = length;
  for (int step = 0; config.head.reasoning && step < max_new_tokens; ++step) {
    ids.push_back(static_cast<int>(Argmax(Logits(config.text, params, last)).item<std::int64_t>()));
    if (ids.back() == im_end) break;
    last = run(embed(ids.back()), slot++)[0][0];
    sum += last;
  }
  const at::Tensor tail = run(at::cat({embed(im_end), ActionTokens(params).unsqueeze(0)}, 1), slot)[0];
  const auto answered = static_cast<double>(ids.size() + (!ids.empty() && ids.back() == im_end ? 0U : 1U));
  output.AddIds("input_ids", prompt.ids);
  output.Add("hidden_prompt", states);
  at::Tensor r;
  if (config.head.reasoning) {
    output.Add("logits", Logits(config.text, params, states));
    output.AddIds("generated_ids", ids);
    output.AddText("reasoning", tokenizer.Decode(ids, true));
    r = ReasoningSummary(params, ((sum + tail[0]) / answered).unsqueeze(0));
  }
  act(ProjectActionTokens(params, tail.narrow(0, 1, k).unsqueeze(0)), r);
}

}  // namespace divla
