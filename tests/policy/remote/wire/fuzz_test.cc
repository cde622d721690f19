// Random, changed and cut messages: each is understood or refused with an InputError, whatever it holds. Under
// ./divla test --sanitize this also looks at every access to memory.
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/remote/wire/utf8.h"
#include "policy/remote/wire/value.h"
#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/remote/wire/python_dumps.h"

namespace divla {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::vector<std::string> HonestMessages() {
  std::vector<std::string> messages;
  for (const char* hex : {kActionsDump, kObservationDump, kFloatsDump, kScalarsDump, kDtypesDump, kZeroDimensionsDump,
                          kEmptyArrayDump, kMetadataDump, kBytesDump}) {
    messages.push_back(FromHex(hex));
  }
  return messages;
}

// True when understood. What is understood packs and unpacks to the same value.
bool Understands(const std::string& bytes) {
  WireValue value;
  try {
    value = Unpack(bytes);
  } catch (const InputError& error) {
    EXPECT_TRUE(IsUtf8(error.what()));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return false;
  }
  const std::string packed = Pack(value);
  EXPECT_EQ(Pack(Unpack(packed)), packed);
  return true;
}

TEST(WireFuzz, EveryTruncationIsRefused) {
  for (const std::string& message : HonestMessages()) {
    for (std::size_t size = 0; size < message.size(); ++size) {
      EXPECT_FALSE(Understands(message.substr(0, size))) << size << " of " << message.size() << " bytes";
    }
    EXPECT_TRUE(Understands(message));
  }
}

TEST(WireFuzz, TenThousandRandomMessages) {
  Rng rng({.seed = 1, .stream = "wire-fuzz-random"});
  int understood = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string bytes(static_cast<std::size_t>(rng.Int(64)), '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(rng.Int(256)); });
    // Most first bytes are a lone number; half of the messages begin with a container.
    if (!bytes.empty() && i % 2 == 0) bytes[0] = static_cast<char>(0x80 + rng.Int(32));
    understood += Understands(bytes) ? 1 : 0;
  }
  EXPECT_GT(understood, 0);
}

TEST(WireFuzz, TenThousandChangedMessages) {
  Rng rng({.seed = 1, .stream = "wire-fuzz-changed"});
  const std::vector<std::string> messages = HonestMessages();
  int understood = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string bytes = messages[static_cast<std::size_t>(rng.Int(static_cast<int>(messages.size())))];
    const int changes = 1 + rng.Int(4);
    for (int change = 0; change < changes; ++change) {
      const auto at = static_cast<std::size_t>(rng.Int(static_cast<int>(bytes.size())));
      const int kind = rng.Int(4);
      if (kind == 0) bytes[at] = static_cast<char>(rng.Int(256));
      if (kind == 1) bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.Int(8)));
      if (kind == 2) bytes.insert(at, 1, static_cast<char>(rng.Int(256)));
      if (kind == 3 && bytes.size() > 1) bytes.erase(at, 1);
    }
    understood += Understands(bytes) ? 1 : 0;
  }
  // A changed number inside data is still a message; a changed length is not.
  EXPECT_GT(understood, 100);
  EXPECT_LT(understood, 9900);
}

}  // namespace
}  // namespace divla
