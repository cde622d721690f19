#include "policy/remote/client/address.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(RemoteAddress, ReadsHostPortAndPath) {
  EXPECT_EQ(ParseRemoteAddress("ws://localhost").Text(), "ws://localhost:8000/");
  EXPECT_EQ(ParseRemoteAddress("ws://10.0.0.1:9000").Text(), "ws://10.0.0.1:9000/");
  EXPECT_EQ(ParseRemoteAddress("ws://host:1/a/b?c=d:e").Text(), "ws://host:1/a/b?c=d:e");
  const RemoteAddress v6 = ParseRemoteAddress("ws://[::1]:8001/x");
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.Text(), "ws://[::1]:8001/x");
}

TEST(RemoteAddress, RefusesTheRest) {
  for (const char* name : {"ws://", "ws://:8000", "ws://host:", "ws://host:0", "ws://host:65536", "ws://host:80x",
                           "ws://host:-1", "ws://[::1", "ws://[::1]8000", "ws://user@host", "ws://a b",
                           "ws://a\r\nX: y", "wss://host", "http://host", "ws:/host"}) {
    ExpectInputError([&] { ParseRemoteAddress(name); }, {"expected ws://HOST:PORT"});
  }
}

}  // namespace
}  // namespace divla
