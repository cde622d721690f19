#include "policy/remote/serve/admission.h"

#include <gtest/gtest.h>

namespace divla::serve {
namespace {

RequestHead Websocket(const std::string& authorization = "") {
  return {.get_or_head = true, .target = "/", .upgrade = true, .has_origin = false, .authorization = authorization};
}

unsigned Status(const RequestHead& head, const std::string& key = "", bool full = false) {
  const auto answer = AnswerToHead(head, key, full);
  return answer ? answer->status : 101;
}

TEST(Admission, HealthIsForEveryone) {
  RequestHead head{
      .get_or_head = true, .target = "/healthz", .upgrade = false, .has_origin = true, .authorization = ""};
  EXPECT_EQ(AnswerToHead(head, "key", true), (HttpAnswer{200, "OK\n"}));
  head.target = "/healthz/more";
  EXPECT_EQ(Status(head), 426U);
  head.get_or_head = false;
  EXPECT_EQ(Status(head), 405U);
}

TEST(Admission, AsksForTheKeyAsOpenpiSendsIt) {
  EXPECT_EQ(Status(Websocket()), 101U);
  EXPECT_EQ(Status(Websocket("Api-Key abc"), "abc"), 101U);
  for (const char* wrong : {"", "abc", "Api-Key ab", "Api-Key abcd", "Api-Key ABC", "Api-Key  abc", "Bearer abc",
                            "api-key abc", "Api-Key ", "Api-Key"}) {
    EXPECT_EQ(Status(Websocket(wrong), "abc"), 401U) << wrong;
  }
  EXPECT_EQ(AnswerToHead(Websocket(), "abc", false)->challenge, "Api-Key");
}

TEST(Admission, NoOneWithoutAKeyLearnsWhetherThereIsRoom) {
  EXPECT_EQ(Status(Websocket(), "abc", /*full=*/true), 401U);
  EXPECT_EQ(Status(Websocket("Api-Key abc"), "abc", /*full=*/true), 503U);
}

TEST(Admission, WebPagesStayOut) {
  RequestHead head = Websocket("Api-Key abc");
  head.has_origin = true;
  EXPECT_EQ(Status(head, "abc"), 403U);
}

}  // namespace
}  // namespace divla::serve
