#include "policy/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <span>

#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {

namespace {

std::string Sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  DIVLA_CHECK(done == 1 && size == 32, "OpenSSL has no SHA-256");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string Sha256OfFile(const std::string& path) { return Sha256(MappedFile(path).Bytes()); }

std::string Sha256OfText(std::string_view text) { return Sha256(std::as_bytes(std::span(text))); }

}  // namespace divla
