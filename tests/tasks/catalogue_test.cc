#include "tasks/catalogue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "sim/check.h"
#include "tasks/expression.h"
#include "tasks/object_family.h"
#include "tasks/object_geom.h"

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

TEST(CatalogueTest, UnknownKeysAndNamesAreRefused) {
  const auto with = [](const std::string& entry) {
    return ErrorOf(
        R"({"format":1,"attributes":{"edible":"can be eaten"},"categories":{"c":{"class":"food"}},"objects":[{"id":"a","category":"c","colour":"red","mass":1,"radius":0.1,"noun_phrases":{"seen":["a"]},"geoms":[{"type":"sphere","size":[1],"pos":[0,0,0],"rgba":[1,1,1,1]}],"grasps":[{"position":[0,0,0],"width":0.01}],)" +
        entry + "}]}");
  };
  EXPECT_EQ(with(R"("split":"seen","attributes":["edible"])"), "");
  EXPECT_NE(with(R"("split":"seen","atributes":[])").find("'atributes'"), std::string::npos);
  EXPECT_NE(with(R"("split":"seen","attributes":["eatable"])").find("'eatable'"), std::string::npos);
  EXPECT_NE(with(R"("split":"new")").find("'new'"), std::string::npos);
  EXPECT_NE(with(R"("split":"unseen_instance")").find("does not fit"), std::string::npos);
  EXPECT_NE(with(R"("split":"seen","class":"toy")").find("'class'"), std::string::npos);
  EXPECT_NE(with(R"("split":"seen","colours":{})").find("'colours'"), std::string::npos);
}

TEST(CatalogueTest, FamilyErrorsNameObjectAndParameter) {
  const ObjectFamilies families(AssetsDir() / "objects");
  const auto error = [&](const std::string& family, const std::map<std::string, double>& parameters,
                         const std::map<std::string, std::string>& colours) -> std::string {
    ObjectInfo object;
    try {
      families.Apply(family, parameters, colours, "object 'x'", object);
    } catch (const InputError& problem) {
      return problem.what();
    }
    return "";
  };
  EXPECT_EQ(error("car", {{"length", 0.1}}, {{"body", "blue"}}), "");
  EXPECT_NE(error("cart", {}, {}).find("'cart'"), std::string::npos);
  EXPECT_NE(error("car", {{"lenght", 0.1}}, {}).find("object 'x'"), std::string::npos);
  EXPECT_NE(error("car", {}, {{"bodies", "blue"}}).find("'bodies'"), std::string::npos);
  EXPECT_NE(error("car", {}, {{"body", "bluish"}}).find("'bluish'"), std::string::npos);
  EXPECT_NE(error("bus", {{"windows", 2.5}}, {}).find("'repeat'"), std::string::npos);
  EXPECT_NE(error("car", {{"length", -1}}, {}).find("'size'"), std::string::npos);
}

TEST(CatalogueTest, FamilyParametersMoveTheGeometry) {
  const ObjectFamilies families(AssetsDir() / "objects");
  ObjectInfo cube;
  families.Apply("cube", {{"size", 0.03}}, {}, "object 'x'", cube);
  ASSERT_EQ(cube.geoms.size(), 1U) << "no faces, pips or letters unless asked for";
  EXPECT_NEAR(SizeOf(cube.geoms)[1], 0.03, 1e-12);
  EXPECT_NEAR(FootprintRadius(cube.geoms), 0.015 * std::sqrt(2.0), 1e-12);
  EXPECT_DOUBLE_EQ(cube.grasps.at(0).width, 0.03);
}

TEST(CatalogueTest, GraspsReachNoFartherThanTheirObject) {
  int reaching = 0;
  for (const ObjectInfo& object : Catalogue()) {
    for (const ObjectGrasp& grasp : object.grasps) {
      EXPECT_GE(grasp.half_length, 0) << object.id;
      if (grasp.half_length <= 0) continue;
      ++reaching;
      EXPECT_LE(std::abs(grasp.position[0]) + grasp.half_length, 0.5 * object.size[0] + 1e-9) << object.id;
    }
  }
  EXPECT_GE(reaching, 4);  // two handles, a peg and its socket
}

TEST(CatalogueTest, HoldsWhatTheBenchmarkPromises) {
  std::set<std::string> categories;
  for (const ObjectInfo& object : Catalogue()) categories.insert(object.category);
  EXPECT_GE(Catalogue().size(), 220U);
  EXPECT_GE(categories.size(), 60U);
  // What the paper names, by category.
  for (const char* category :
       {"car",         "van",       "bus",     "truck",      "motorcycle",   "plush",    "glove",         "hex key",
        "screwdriver", "hammer",    "gripper", "toy dragon", "cube",         "ball",     "football",      "can",
        "paper trash", "paper cup", "plate",   "bowl",       "mug",          "spoon",    "kitchen knife", "flower",
        "tissues",     "sponge",    "bulb",    "tape",       "water bottle", "lemonade", "watermelon",    "pepper",
        "peach",       "orange",    "bread",   "pot",        "rubik's cube"}) {
    EXPECT_TRUE(categories.contains(category)) << category;
  }
  const std::vector<std::string>& bin = ObjectList("bin_picking");
  EXPECT_EQ(bin.size(), 102U);
  for (const std::string& id : bin) {
    EXPECT_NE(FindObject(id).split, "seen") << id;
    EXPECT_FALSE(FindObject(id).fixed) << id;
  }
  EXPECT_THROW(ObjectList("no_such_list"), InputError);
}

TEST(CatalogueTest, AttributesAnswerIntents) {
  EXPECT_TRUE(HasAttribute(FindObject("banana"), "edible"));
  EXPECT_TRUE(HasAttribute(FindObject("tape"), "sticks"));
  EXPECT_TRUE(HasAttribute(FindObject("metal_pot"), "holds_liquid"));
  EXPECT_FALSE(HasAttribute(FindObject("hammer"), "edible"));
  EXPECT_TRUE(FindObject("blue_box").attributes.empty());
}

TEST(ExpressionTest, FollowsArithmetic) {
  const std::map<std::string, double> names{{"length", 4}, {"i", 3}};
  const auto value = [&](const char* text) { return EvaluateExpression(text, names); };
  EXPECT_DOUBLE_EQ(value("1 + 2 * 3"), 7);
  EXPECT_DOUBLE_EQ(value("(1 + 2) * -length / 2"), -6);
  EXPECT_DOUBLE_EQ(value("8 / 4 / 2 - 1 - 1"), -1);
  EXPECT_DOUBLE_EQ(value("sqrt(length) + abs(-.5) + max(1, min(i, 2))"), 4.5);
  EXPECT_NEAR(value("sin(30 * i) + cos(180)"), 0, 1e-15);
  for (const char* bad :
       {"", "1 +", "(1", "2 length", "lengths", "tan(1)", "max(1)", "1 / 0", "1e999", "sqrt(-1)", "$"}) {
    EXPECT_THROW(value(bad), InputError) << bad;
  }
  EXPECT_THROW(value(std::string(1000, '(').c_str()), InputError);
}

}  // namespace
}  // namespace divla
