#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "harness/canonical_json.h"
#include "harness/json_fields.h"
#include "tests/harness/expect_error.h"

namespace divla {
namespace {

using nlohmann::json;

TEST(CanonicalJsonTest, SortsKeysAndLeavesOutSpaces) {
  const json value = json::parse(R"({ "b": [1, 2.5, true, null], "a": {"z": "\u00e4\n", "y": -3} })");
  EXPECT_EQ(CanonicalJson(value), "{\"a\":{\"y\":-3,\"z\":\"\xC3\xA4\\n\"},\"b\":[1,2.5,true,null]}");
}

TEST(CanonicalJsonTest, DoublesAreShortestAndReadBackEqual) {
  EXPECT_EQ(CanonicalJson(0.1), "0.1");
  EXPECT_EQ(CanonicalJson(1.0), "1.0");
  EXPECT_EQ(CanonicalJson(1.0 / 3.0), "0.3333333333333333");
  EXPECT_EQ(CanonicalJson(5e-324), "5e-324");
  for (const double value : {0.1 + 0.2, 1e300, -1.7976931348623157e308, 123456789.123, 2.0 / 3.0, 1e22}) {
    EXPECT_EQ(json::parse(CanonicalJson(value)).get<double>(), value);
  }
}

TEST(CanonicalJsonTest, IntegersStayIntegers) {
  EXPECT_EQ(CanonicalJson(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_TRUE(json::parse(CanonicalJson(7)).is_number_integer());
  EXPECT_TRUE(json::parse(CanonicalJson(7.0)).is_number_float());
}

TEST(CanonicalJsonDeathTest, RefusesWhatJsonCannotSay) {
  EXPECT_DEATH(CanonicalJson(std::nan("")), "not finite");
  EXPECT_DEATH(CanonicalJson(std::string("\xFF")), "not UTF-8");
}

TEST(ParseJsonTest, BrokenTextNamesThePlace) {
  ExpectError<InputError>([] { ParseJson("{\"a\": 1,\n  b}", "file x"); }, {"file x", "line 2"});
  ExpectError<InputError>([] { ParseJson("", "file x"); }, {"file x", "expected JSON"});
}

TEST(JsonFieldsTest, ReadsTypes) {
  const json value = json::parse(R"({"s":"x","b":true,"n":1.5,"i":-3,"u":9000000000,"l":["a"],"o":{"k":1},"e":null})");
  JsonFields fields(value, "file f");
  EXPECT_EQ(fields.String("s"), "x");
  EXPECT_TRUE(fields.Bool("b"));
  EXPECT_EQ(fields.Number("n"), 1.5);
  EXPECT_EQ(fields.Int("i", -5, 5), -3);
  EXPECT_EQ(fields.U64("u"), 9000000000u);
  EXPECT_EQ(fields.Strings("l"), std::vector<std::string>{"a"});
  EXPECT_EQ(fields.Object("o").Int("k"), 1);
  EXPECT_TRUE(fields.IsNull("e"));
  EXPECT_NO_THROW(fields.Finish());
}

TEST(JsonFieldsTest, EveryErrorNamesFileKeyExpectedAndFound) {
  const json value = json::parse(R"({"s":1,"i":1.5,"big":99999999999,"u":-1,"l":[1],"extra":true})");
  const auto read = [&](auto&& use) {
    return [&value, use] {
      JsonFields fields(value, "file f");
      use(fields);
    };
  };
  ExpectError<InputError>(read([](JsonFields& f) { f.String("s"); }), {"file f", "'s'", "a string", "number 1"});
  ExpectError<InputError>(read([](JsonFields& f) { f.String("t"); }), {"file f", "'t'", "found none"});
  ExpectError<InputError>(read([](JsonFields& f) { f.Int("i"); }), {"'i'", "integer", "1.5"});
  ExpectError<InputError>(read([](JsonFields& f) { f.Int("big", 0, 10); }), {"'big'", "[0, 10]", "99999999999"});
  ExpectError<InputError>(read([](JsonFields& f) { f.U64("u"); }), {"'u'", "non-negative", "-1"});
  ExpectError<InputError>(read([](JsonFields& f) { f.Strings("l"); }), {"'l'", "strings"});
  ExpectError<InputError>(read([](JsonFields& f) { f.Object("s"); }), {"'s'", "an object"});
  ExpectError<InputError>(read([](JsonFields& f) {
                            for (const char* key : {"s", "i", "big", "u", "l"}) f.Any(key);
                            f.Finish();
                          }),
                          {"'extra'", "no such key"});
}

TEST(ReadTextFileTest, NamesWhatIsMissing) {
  ExpectError<InputError>([] { ReadTextFile("/nowhere/at/all"); }, {"/nowhere/at/all", "found none"});
  ExpectError<InputError>([] { ReadTextFile("/tmp"); }, {"/tmp", "found a folder"});
}

}  // namespace
}  // namespace divla
