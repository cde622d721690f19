#include "tasks/catalogue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/check.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

std::string ErrorOf(const std::string& json) {
  const auto file =
      std::filesystem::path(testing::TempDir()) / (std::to_string(getpid()) + "_catalogue_under_test.json");
  std::ofstream(file) << json;
  try {
    ReadCatalogue(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(CatalogueTest, ErrorsNameFileObjectAndKey) {
  EXPECT_NE(ErrorOf("{").find((std::to_string(getpid()) + "_catalogue_under_test.json")), std::string::npos);
  EXPECT_NE(ErrorOf(R"({"format":2,"objects":[]})").find("'format'"), std::string::npos);
  const std::string no_mass = ErrorOf(
      R"({"format":1,"objects":[{"id":"a","category":"c","class":"c","colour":"red","split":"seen","radius":0.1,"noun_phrases":{"seen":["a"]},"geoms":[]}]})");
  EXPECT_NE(no_mass.find("object 'a'"), std::string::npos);
  EXPECT_NE(no_mass.find("'mass'"), std::string::npos);
  const std::string bad_type = ErrorOf(
      R"({"format":1,"objects":[{"id":"a","category":"c","class":"c","colour":"red","split":"seen","mass":1,"radius":0.1,"noun_phrases":{"seen":["a"]},"geoms":[{"type":"cone","size":[1],"pos":[0,0,0],"rgba":[1,1,1,1]}]}]})");
  EXPECT_NE(bad_type.find("'cone'"), std::string::npos);
}

// Every object stands still on the table within a second, where it was put, and its grasp fits the gripper.
TEST(CatalogueTest, EveryObjectSettlesWhereItIsPut) {
  MujocoWarningGuard guard;
  for (const ObjectInfo& object : Catalogue()) {
    SceneBuilder builder(TasksDir() / "object_selection" / "scene.xml", FindRobot("panda"));
    AddObject(builder, object, "thing", {0.5, 0, 0}, 0.3);
    Scene scene = builder.Build();
    scene.SetRobot(FindRobot("panda").home);
    ASSERT_EQ(scene.Step(500), StepStatus::kOk);
    const int body = scene.BodyId("thing");
    EXPECT_LT(scene.BodySpeed(body), 0.005) << object.id;
    EXPECT_NEAR(scene.BodyPosition(body)[0], 0.5, 0.004) << object.id;
    EXPECT_NEAR(scene.BodyPosition(body)[2], 0.0, 0.003) << object.id;
    EXPECT_NEAR(scene.Model().body_subtreemass[body], object.mass, 1e-9) << object.id;
    for (const ObjectGrasp& grasp : object.grasps) EXPECT_LE(grasp.width, 0.076) << object.id;
  }
}

}  // namespace
}  // namespace divla
