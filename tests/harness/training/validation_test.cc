#include "harness/training/validation.h"

#include <gtest/gtest.h>

#include "tests/harness/expect_error.h"

namespace divla {
namespace {

TEST(ValidationTest, SeedsOfSuitesAndDemonstrationsAreRefused) {
  const ValidationRequest request{"hold", {"cube_to_coloured_box"}, 1, kFirstValidationSeed - 1, 10};
  ExpectError<InputError>([&] { Validate(request, 1, RendererKind::kSoftware, {}); },
                          {"validation.seed", "1000000000", "999999999"});
}

// `divla train --out divla-tiny`: what is played is the folder, not the shipped policy of that name.
TEST(ValidationTest, AFolderIsNeverTakenForAPolicyOfItsName) {
  const ValidationRequest request{"hold", {"cube_to_coloured_box"}, 1, kFirstValidationSeed, 10};
  ExpectError<InputError>([&] { Validate(request, 1, RendererKind::kSoftware, {}); }, {"/hold", "checkpoint folder"});
}

}  // namespace
}  // namespace divla
