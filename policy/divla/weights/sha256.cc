#include "policy/divla/weights/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {

std::string Sha256OfFile(const std::string& path) {
  const MappedFile file(path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(file.Bytes().data(), file.Bytes().size(), digest.data(), &size, EVP_sha256(), nullptr);
  DIVLA_CHECK(done == 1 && size == 32, "OpenSSL has no SHA-256");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace divla
