#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "viewer/app.h"

namespace divla {
namespace {

// Empty where there is no such folder to be had.
std::filesystem::path SettingsFile() {
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != 0) {
    return std::filesystem::path(config) / "divla" / "viewer.json";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) {
    return std::filesystem::path(home) / ".config" / "divla" / "viewer.json";
  }
  return {};
}

}  // namespace

UiSettings LoadSettings() {
  UiSettings settings;
  std::ifstream file(SettingsFile());
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return settings;
  try {
    settings.dark = json.value("dark", settings.dark);
    settings.scale = std::clamp(json.value("scale", settings.scale), 0.5F, 3.F);
    settings.width = std::clamp(json.value("width", settings.width), 640, 16384);
    settings.height = std::clamp(json.value("height", settings.height), 480, 16384);
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return settings;
}

void SaveSettings(const UiSettings& settings) {
  const std::filesystem::path file = SettingsFile();
  if (file.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream(file) << nlohmann::json{{"dark", settings.dark},
                                        {"scale", settings.scale},
                                        {"width", settings.width},
                                        {"height", settings.height}}
                             .dump(2)
                      << "\n";
}

}  // namespace divla
