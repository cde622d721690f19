#include "harness/proof/changed_number.h"

#include <span>

#include "sim/hash.h"

namespace divla {
namespace {

constexpr std::size_t kMostForBytes = 32 * 1024;
constexpr std::size_t kMostForBits = 1024 * 1024;

}  // namespace

std::optional<ChangedNumber> FindChangedNumber(std::vector<float> numbers, const std::string& hash) {
  const auto bytes = std::as_writable_bytes(std::span(numbers));
  const auto search = [&](bool single_bits) -> std::optional<ChangedNumber> {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const std::byte was = bytes[at];
      for (int change = 1; change < 256; ++change) {
        if (((change & (change - 1)) == 0) != single_bits) continue;
        bytes[at] = was ^ static_cast<std::byte>(change);
        if (HashHex(bytes.data(), bytes.size()) == hash) {
          return ChangedNumber{at / sizeof(float), numbers[at / sizeof(float)]};
        }
      }
      bytes[at] = was;
    }
    return std::nullopt;
  };
  if (bytes.size() > kMostForBits) return std::nullopt;
  if (auto found = search(true)) return found;
  return bytes.size() > kMostForBytes ? std::nullopt : search(false);
}

}  // namespace divla
