#include <gtest/gtest.h>

#include "sim/check.h"
#include "tasks/catalogue.h"

namespace divla {
namespace {

TEST(SizedObject, ScalesLengthsAndTheMassWithTheVolume) {
  const ObjectInfo& usual = FindObject("white_tray");
  const ObjectInfo& small = SizedObject("white_tray", 50);
  EXPECT_DOUBLE_EQ(small.mass, usual.mass / 8);
  EXPECT_DOUBLE_EQ(small.radius, usual.radius / 2);
  ASSERT_EQ(small.geoms.size(), usual.geoms.size());
  for (std::size_t g = 0; g < usual.geoms.size(); ++g) {
    for (std::size_t i = 0; i < usual.geoms[g].size.size(); ++i) {
      EXPECT_DOUBLE_EQ(small.geoms[g].size[i], usual.geoms[g].size[i] / 2);
    }
    for (std::size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(small.geoms[g].position[i], usual.geoms[g].position[i] / 2);
    EXPECT_EQ(small.geoms[g].euler, usual.geoms[g].euler);
  }
  ASSERT_TRUE(small.container.has_value());
  EXPECT_DOUBLE_EQ(small.container->rim, usual.container->rim / 2);
  EXPECT_DOUBLE_EQ(SizedObject("peg", 50).grasps.front().half_length, FindObject("peg").grasps.front().half_length / 2);
  const ObjectInfo& large = SizedObject("purple_cube", 150);
  EXPECT_DOUBLE_EQ(large.grasps.front().width, 1.5 * FindObject("purple_cube").grasps.front().width);
}

TEST(SizedObject, IsMadeOnceAndRefusesAbsurdSizes) {
  EXPECT_EQ(&SizedObject("purple_cube", 100), &FindObject("purple_cube"));
  EXPECT_EQ(&SizedObject("purple_cube", 90), &SizedObject("purple_cube", 90));
  EXPECT_THROW(SizedObject("purple_cube", 24), InputError);
  EXPECT_THROW(SizedObject("purple_cube", 401), InputError);
  EXPECT_THROW(SizedObject("no_such_object", 90), InputError);
}

}  // namespace
}  // namespace divla
