#include "policy/divla/reading/reading.h"

#include "policy/divla/head/condition_instruction.h"

namespace divla {

Reading Read(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
             const at::Tensor& views, const std::vector<std::vector<int>>& forced, ReadingWatch* watch) {
  const PolicyHeadConfig& head = reader.config.head;
  if (!head.HasLanguageModel()) return ReadInstruction(reader, embodiment, instructions, views);
  if (!head.reasoning) return ReadSilently(reader, embodiment, instructions, views, watch);
  return ReadAndReason(reader, embodiment, instructions, views, forced, watch);
}

Reading ReadInstruction(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                        const at::Tensor& views) {
  std::vector<std::vector<int>> lists;
  for (const std::string& instruction : instructions) lists.push_back(reader.tokenizer.Encode(instruction));
  Reading reading;
  reading.z = ProjectInstruction(reader.params, embodiment, MeanEmbedding(reader.params, PadTokenLists(lists)),
                                 Keypoints(reader.config.vision, reader.params, views));
  return reading;
}

}  // namespace divla
