#include "harness/records/record_parts_json.h"

namespace divla {

using nlohmann::json;

json ToJson(const ObjectCount& count) { return {{"placed", count.placed}, {"total", count.total}}; }
json ToJson(const ReasoningScore& score) {
  json value = {{"queries", score.queries},
                {"correct", score.correct},
                {"faithful", score.faithful},
                {"first_wrong_step", score.first_wrong_step}};
  if (score.located > 0) {
    value["located"] = score.located;
    value["grounded"] = score.grounded;
  }
  return value;
}

ObjectCount ReadObjects(JsonFields fields) {
  const ObjectCount count{fields.Int("placed", 0, kMostCount), fields.Int("total", 0, kMostCount)};
  fields.Finish();
  return count;
}

ReasoningScore ReadReasoning(JsonFields fields) {
  ReasoningScore score;
  score.queries = fields.Int("queries", 0, kMostCount);
  score.correct = fields.Int("correct", 0, score.queries);
  score.faithful = fields.Int("faithful", 0, score.queries);
  score.first_wrong_step = fields.Int("first_wrong_step", -1, kMostCount);
  if (fields.Has("located")) {
    score.located = fields.Int("located", 0, score.queries);
    score.grounded = fields.Int("grounded", 0, score.located);
  }
  fields.Finish();
  return score;
}

void ReadSchema(JsonFields& fields) { fields.Int("schema", kRunSchema, kRunSchema); }

void ReadSuite(JsonFields& fields, std::string& name, int& version) {
  JsonFields suite = fields.Object("suite");
  name = suite.String("name");
  version = suite.Int("version", 1, kMostCount);
  suite.Finish();
}

}  // namespace divla
