#include "sim/render/renderer.h"

#include <gtest/gtest.h>

#include "sim/check.h"

namespace divla {
namespace {

TEST(RendererKindTest, NamesGoBothWays) {
  for (const RendererKind kind : {RendererKind::kSoftware, RendererKind::kGl}) {
    EXPECT_EQ(ParseRendererKind(ToString(kind)), kind);
  }
  EXPECT_STREQ(ToString(RendererKind::kSoftware), "software");
  EXPECT_STREQ(ToString(RendererKind::kGl), "gl");
}

TEST(RendererKindTest, AnotherNameIsRefusedWithBothKnownOnes) {
  for (const char* name : {"", "GL", "vulkan"}) {
    try {
      ParseRendererKind(name);
      FAIL() << name;
    } catch (const InputError& error) {
      for (const std::string part : {"software", "gl", name}) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      }
    }
  }
}

TEST(RendererKindTest, EachKindMakesItsOwn) {
  const auto software = MakeRenderer(RendererKind::kSoftware);
  EXPECT_TRUE(software->Description().starts_with("software ")) << software->Description();
  std::unique_ptr<Renderer> gl;
  try {
    gl = MakeRenderer(RendererKind::kGl);
  } catch (const MachineError& error) {
    GTEST_SKIP() << error.what();
  }
  EXPECT_TRUE(gl->Description().starts_with("gl (")) << gl->Description();
}

}  // namespace
}  // namespace divla
