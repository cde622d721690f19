#include "policy/remote/serve/admission.h"

#include <openssl/crypto.h>

#include <string_view>

#include "policy/sha256.h"

namespace divla::serve {
namespace {

constexpr std::string_view kScheme = "Api-Key ";

// Digests have the same length whatever was sent, so nothing of the key's shows in the time.
bool SameKey(std::string_view given, std::string_view expected) {
  const std::string a = Sha256OfText(given);
  const std::string b = Sha256OfText(expected);
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool MayEnter(std::string_view authorization, const std::string& api_key) {
  if (api_key.empty()) return true;
  return authorization.starts_with(kScheme) && SameKey(authorization.substr(kScheme.size()), api_key);
}

}  // namespace

std::optional<HttpAnswer> AnswerToHead(const RequestHead& head, const std::string& api_key, bool full) {
  if (!head.upgrade) {
    if (!head.get_or_head) return HttpAnswer{405, "only GET is served here\n"};
    if (head.target == "/healthz") return HttpAnswer{200, "OK\n"};
    return HttpAnswer{426, "this is a websocket: connect with an openpi client\n"};
  }
  if (head.has_origin) return HttpAnswer{403, "web pages may not connect\n"};
  if (!MayEnter(head.authorization, api_key)) {
    return HttpAnswer{401, "expected the header 'Authorization: Api-Key KEY'\n", "Api-Key"};
  }
  if (full) return HttpAnswer{503, "all places are taken; try again later\n"};
  return std::nullopt;
}

}  // namespace divla::serve
