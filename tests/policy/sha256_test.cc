// Tests for policy/divla/weights/sha256.cc, with the examples of FIPS 180-2.
#include "policy/sha256.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(Sha256, PublishedExamples) {
  const TempFolder folder;
  PutFile(folder.File("abc"), "abc");
  PutFile(folder.File("empty"), "");
  EXPECT_EQ(Sha256OfFile(folder.File("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256OfFile(folder.File("empty")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  ExpectInputError([&] { Sha256OfFile(folder.File("none")); }, {folder.File("none")});
}

}  // namespace
}  // namespace divla
