#include "sim/looks/menagerie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "sim/scene_builder.h"
#include "tests/support/fake_menagerie.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

using MenagerieTest = MujocoTest;

void ExpectRefused(const std::function<void()>& work, const std::vector<std::string>& parts) {
  try {
    work();
    ADD_FAILURE() << "nothing was thrown instead of " << parts.front();
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "no '" << part << "' in: " << message;
    }
  }
}

// MuJoCo moves a mesh's vertices into a frame of its own; with the geom's pose they must be where the file has them.
TEST_F(MenagerieTest, ShapesAndMaterialsAreThoseOfTheFiles) {
  const FakeMenagerie folder;
  const auto looks = LoadMenagerie(folder.Folder());
  EXPECT_EQ(looks->robot, "panda");
  ASSERT_EQ(looks->geoms.size(), FakeMenagerie::kBodies.size());  // none of those that collide
  for (int body = 0; body < static_cast<int>(looks->geoms.size()); ++body) {
    const LooksGeom& geom = looks->geoms[static_cast<std::size_t>(body)];
    EXPECT_EQ(geom.body, std::string("panda_") + FakeMenagerie::kBodies.at(static_cast<std::size_t>(body)));
    EXPECT_EQ(geom.shown.type, mjGEOM_MESH);
    EXPECT_FLOAT_EQ(geom.shown.rgba[0], body == 3 ? 0.1F : 0.9F);
    EXPECT_FLOAT_EQ(geom.shown.specular, body == 3 ? 0.5F : 0.25F);
    EXPECT_FLOAT_EQ(geom.shown.shininess, body == 3 ? 0.5F : 0.75F);
    const mjModel& model = *looks->model;
    const int mesh = geom.shown.dataid / 2;
    ASSERT_EQ(model.mesh_vertnum[mesh], 8);
    double low[3] = {1e9, 1e9, 1e9}, high[3] = {-1e9, -1e9, -1e9};
    for (int i = 0; i < 8; ++i) {
      const float* vertex = model.mesh_vert + 3 * (model.mesh_vertadr[mesh] + i);
      const mjtNum own[3] = {static_cast<double>(vertex[0]), static_cast<double>(vertex[1]),
                             static_cast<double>(vertex[2])};
      mjtNum there[3];
      mju_mulMatVec3(there, geom.rotation, own);
      mju_addTo3(there, geom.position);
      for (int k = 0; k < 3; ++k) low[k] = std::min(low[k], there[k]), high[k] = std::max(high[k], there[k]);
    }
    for (std::size_t k = 0; k < 3; ++k) {
      const double middle = FakeMenagerie::BoxMiddle(body)[k];
      EXPECT_NEAR(low[k], middle - FakeMenagerie::kHalf[k], 1e-6) << body;
      EXPECT_NEAR(high[k], middle + FakeMenagerie::kHalf[k], 1e-6) << body;
    }
  }
}

TEST_F(MenagerieTest, TheNameKnowsEveryByteOfTheFilesAndNotTheirPlace) {
  const FakeMenagerie one, two;
  const std::string name = LoadMenagerie(one.Folder())->name;
  EXPECT_TRUE(name.starts_with("panda of mujoco_menagerie ")) << name;
  EXPECT_EQ(LoadMenagerie(two.Folder())->name, name);
  two.Change("0.9 0.1 0.05", "0.9 0.1 0.06");
  const std::string other_colour = LoadMenagerie(two.Folder())->name;
  EXPECT_NE(other_colour, name);
  std::ofstream(two.Mesh("link5"), std::ios::app) << "# a comment\n";
  EXPECT_NE(LoadMenagerie(two.Folder())->name, other_colour);
}

TEST_F(MenagerieTest, AHandWithoutLooksKeepsOurs) {
  const FakeMenagerie folder;
  folder.Change("<body name=\"hand\"", "<body name=\"another_gripper\"");
  const auto looks = LoadMenagerie(folder.Folder());
  EXPECT_TRUE(std::none_of(looks->geoms.begin(), looks->geoms.end(),
                           [](const LooksGeom& geom) { return geom.body == "panda_hand"; }));
  EXPECT_EQ(looks->geoms.size(), FakeMenagerie::kBodies.size() - 1);
}

TEST_F(MenagerieTest, WhatIsMissingOrDamagedIsNamed) {
  const auto refused = [](const FakeMenagerie& folder, const std::vector<std::string>& parts) {
    ExpectRefused([&] { LoadMenagerie(folder.Folder()); }, parts);
  };
  const std::string variable = "DIVLA_MENAGERIE";
  {
    const FakeMenagerie folder;
    fs::remove(folder.Model());
    refused(folder, {folder.Model().string(), variable, "found no such file"});
  }
  {
    const FakeMenagerie folder;
    std::ofstream(folder.Model()) << "<mujoco><worldbody>";
    refused(folder, {folder.Model().string(), variable, "that MuJoCo can read"});
  }
  {
    const FakeMenagerie folder;
    fs::remove(folder.Mesh("link4"));
    refused(folder, {folder.Mesh("link4").string(), variable, "a mesh that panda.xml names", "found no such file"});
  }
  {
    const FakeMenagerie folder;  // an index that is no vertex's
    std::ofstream(folder.Mesh("link6")) << "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 -9 4\n";
    refused(folder, {folder.Model().string(), variable, "that MuJoCo can compile", "link6"});
  }
  {
    const FakeMenagerie folder;
    folder.Change("mesh=\"link2\" material=\"red\" class=\"visual\"", "mesh=\"link2\" class=\"collision\"");
    refused(folder, {folder.Model().string(), "visible geoms of a body 'link2'", "found none"});
  }
  {
    const FakeMenagerie folder;
    folder.Change("<body name=\"link7\"", "<body name=\"flange\"");
    refused(folder, {folder.Model().string(), "visible geoms of a body 'link7'", "no such body"});
  }
  {
    const FakeMenagerie folder;  // an arm 1 cm longer
    folder.Change("0 -0.316 0", "0 -0.326 0");
    refused(folder, {folder.Model().string(), "body 'link3'", "(0.0000, 0.0000, 0.6490)", "(0.0000, 0.0000, 0.6590)"});
  }
  {
    const FakeMenagerie folder;
    folder.Change("<material name=\"green\"",
                  "<texture name=\"t\" type=\"2d\" builtin=\"flat\" width=\"8\" height=\"8\"/><material texture=\"t\" "
                  "name=\"green\"");
    refused(folder, {folder.Model().string(), "materials without textures", "'link3'"});
  }
}

TEST_F(MenagerieTest, TheVariableSaysWhere) {
  const FakeMenagerie folder;
  {
    const ScopedVariable off("DIVLA_MENAGERIE", "off");
    EXPECT_EQ(MenagerieFolder(), std::nullopt);
    EXPECT_EQ(LooksInUse(), nullptr);
    EXPECT_EQ(LooksInUseName(), "");
    EXPECT_EQ(WithLooks("software 1"), "software 1");
  }
  for (const fs::path& named : {folder.Root(), folder.Folder()}) {
    const ScopedVariable on("DIVLA_MENAGERIE", named.string());
    EXPECT_EQ(MenagerieFolder(), folder.Folder());
    ASSERT_NE(LooksInUse(), nullptr);
    EXPECT_EQ(LooksInUse(), LooksInUse());  // read once
    EXPECT_EQ(MakeSoftwareRenderer()->Description(), "software 1, " + LooksInUseName());
  }
  const ScopedVariable nowhere("DIVLA_MENAGERIE", (folder.Root() / "nowhere").string());
  ExpectRefused([] { LooksInUse(); },
                {(folder.Root() / "nowhere").string(), "DIVLA_MENAGERIE", "panda.xml", "found no"});
}

// The places where the PyPI package looks, in its order.
TEST_F(MenagerieTest, ThePackagesCacheIsFoundAsThePackageFindsIt) {
  const FakeMenagerie folder;
  const ScopedVariable package("DIVLA_MENAGERIE", "package");
  const ScopedVariable home("HOME", (folder.Root() / "home").string());
  const ScopedVariable caches("XDG_CACHE_HOME", "");
  const ScopedVariable cache("MENAGERIE_CACHE_DIR", "");
  const ScopedVariable root("MENAGERIE_ROOT", "");
  const auto put = [&](const fs::path& at) {
    fs::create_directories(at.parent_path());
    fs::copy(folder.Folder(), at, fs::copy_options::recursive);
  };
  ExpectRefused([] { MenagerieFolder(); }, {"home/.cache/mujoco_menagerie/models", "one complete", "found 0"});
  const fs::path at_home = folder.Root() / "home/.cache/mujoco_menagerie/models/franka_emika_panda-0123456789abcdef";
  put(at_home);
  ExpectRefused([] { MenagerieFolder(); }, {"found 0"});  // a download that did not come to its end
  std::ofstream(at_home / ".complete") << "{}";
  EXPECT_EQ(MenagerieFolder(), at_home);
  EXPECT_NE(LooksInUse(), nullptr);
  const fs::path second = at_home.parent_path() / "franka_emika_panda-fedcba9876543210";
  put(second);
  std::ofstream(second / ".complete") << "{}";
  ExpectRefused([] { MenagerieFolder(); }, {"found 2", "name one of them"});
  fs::remove_all(second);
  const fs::path in_xdg = folder.Root() / "xdg/mujoco_menagerie/models/franka_emika_panda-1";
  put(in_xdg);
  std::ofstream(in_xdg / ".complete") << "{}";
  const ScopedVariable xdg("XDG_CACHE_HOME", (folder.Root() / "xdg").string());
  EXPECT_EQ(MenagerieFolder(), in_xdg);
  const ScopedVariable named("MENAGERIE_CACHE_DIR", at_home.parent_path().parent_path().string());
  EXPECT_EQ(MenagerieFolder(), at_home);
  const ScopedVariable clone("MENAGERIE_ROOT", folder.Root().string());
  EXPECT_EQ(MenagerieFolder(), folder.Folder());
}

}  // namespace
}  // namespace divla
