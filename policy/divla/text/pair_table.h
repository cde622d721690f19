// From a pair of token ids to a merge, for vocabularies of 150,000 merges: two thirds of an encoder's time is this
// lookup. Open addressing with linear probing; at most half full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace divla {

class PairTable {
 public:
  struct Merge {
    int rank{};    // lower ranks merge first
    int merged{};  // id of the joined token
  };

  explicit PairTable(std::size_t capacity) {
    std::size_t size = 16;
    while (size < 2 * capacity) size *= 2;
    slots_.resize(size);
  }

  // False when the pair is there already. No more than `capacity` pairs; ids >= 0.
  bool Insert(int left, int right, Merge merge) {
    Slot& slot = slots_[Find(Key(left, right))];
    if (slot.key != kEmpty) return false;
    slot = {Key(left, right), merge};
    return true;
  }

  // nullptr when the pair is not there.
  const Merge* Find(int left, int right) const {
    const Slot& slot = slots_[Find(Key(left, right))];
    return slot.key == kEmpty ? nullptr : &slot.merge;
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  struct Slot {
    std::uint64_t key{kEmpty};
    Merge merge;
  };

  static std::uint64_t Key(int left, int right) {
    return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  }

  std::size_t Find(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t mixed = key * 0x9E3779B97F4A7C15U;  // 2^64 over the golden ratio (Knuth, volume 3, 6.4)
    std::size_t at = static_cast<std::size_t>(mixed >> 32) & mask;
    while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_;
};

}  // namespace divla
