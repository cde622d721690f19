#include "viewer/theme.h"

#include <filesystem>
#include <string>

namespace divla {
namespace {

constexpr const char* kFontFolders[] = {"/usr/share/fonts/truetype/dejavu/", "/usr/share/fonts/dejavu/",
                                        "/usr/share/fonts/TTF/", "/usr/share/fonts/dejavu-sans-fonts/"};

ImU32 Rgb(int r, int g, int b, int a = 255) { return IM_COL32(r, g, b, a); }

std::string FontFile(const std::string& name) {
  for (const char* folder : kFontFolders) {
    std::error_code ignored;
    if (std::filesystem::exists(folder + name, ignored)) return folder + name;
  }
  return {};
}

}  // namespace

ImVec4 Vec(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

void ApplyTheme(bool dark, float scale, Theme& theme) {
  theme.dark = dark;
  theme.scale = scale;
  theme.background = dark ? Rgb(18, 20, 24) : Rgb(233, 235, 239);
  theme.panel = dark ? Rgb(28, 31, 37) : Rgb(250, 250, 252);
  theme.line = dark ? Rgb(52, 57, 66) : Rgb(206, 210, 217);
  theme.text = dark ? Rgb(230, 233, 238) : Rgb(28, 31, 37);
  theme.muted = dark ? Rgb(146, 153, 165) : Rgb(98, 105, 117);
  theme.accent = dark ? Rgb(92, 158, 255) : Rgb(24, 96, 208);
  // Told apart also by people who cannot see red and green: blue-green, amber, vermilion (Okabe and Ito's palette).
  theme.good = dark ? Rgb(45, 196, 150) : Rgb(0, 128, 96);
  theme.warn = dark ? Rgb(240, 180, 60) : Rgb(168, 108, 0);
  theme.bad = dark ? Rgb(255, 112, 80) : Rgb(200, 60, 20);
  theme.branch = dark ? Rgb(208, 140, 232) : Rgb(140, 62, 172);
  theme.veil = Rgb(12, 14, 18, 205);
  theme.over = Rgb(238, 240, 244);

  ImGuiStyle style;
  if (dark) {
    ImGui::StyleColorsDark(&style);
  } else {
    ImGui::StyleColorsLight(&style);
  }
  style.WindowRounding = 0;
  style.FrameRounding = style.GrabRounding = 4;
  style.PopupRounding = 6;
  style.WindowBorderSize = 0;
  style.FrameBorderSize = dark ? 0.F : 1.F;
  style.WindowPadding = {12, 10};
  style.FramePadding = {9, 5};
  style.ItemSpacing = {8, 6};
  style.ScaleAllSizes(scale);
  ImVec4* colours = style.Colors;
  colours[ImGuiCol_WindowBg] = colours[ImGuiCol_ChildBg] = Vec(theme.panel);
  colours[ImGuiCol_PopupBg] = Vec(theme.panel);
  colours[ImGuiCol_Text] = Vec(theme.text);
  colours[ImGuiCol_TextDisabled] = Vec(theme.muted);
  colours[ImGuiCol_Border] = colours[ImGuiCol_Separator] = Vec(theme.line);
  for (const int which : {ImGuiCol_TitleBg, ImGuiCol_TitleBgActive}) {
    colours[which] = Vec(dark ? Rgb(38, 42, 50) : Rgb(226, 229, 235));
  }
  const ImVec4 field = Vec(dark ? Rgb(42, 46, 54) : Rgb(238, 240, 244));
  const ImVec4 hovered = Vec(dark ? Rgb(56, 62, 73) : Rgb(222, 227, 235));
  const ImVec4 active = Vec(dark ? Rgb(68, 76, 90) : Rgb(204, 212, 225));
  for (const int which : {ImGuiCol_FrameBg, ImGuiCol_Button, ImGuiCol_Header, ImGuiCol_Tab}) colours[which] = field;
  for (const int which : {ImGuiCol_FrameBgHovered, ImGuiCol_ButtonHovered, ImGuiCol_HeaderHovered, ImGuiCol_TabHovered})
    colours[which] = hovered;
  for (const int which : {ImGuiCol_FrameBgActive, ImGuiCol_ButtonActive, ImGuiCol_HeaderActive, ImGuiCol_TabActive})
    colours[which] = active;
  for (const int which : {ImGuiCol_SliderGrab, ImGuiCol_SliderGrabActive, ImGuiCol_CheckMark}) {
    colours[which] = Vec(theme.accent);
  }
  ImGui::GetStyle() = style;
}

void LoadFonts(Theme& theme) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  static const ImWchar kRanges[] = {0x0020, 0x017F, 0x2010, 0x2027, 0x2190, 0x2193, 0x25A0, 0x25FF, 0};
  const std::string plain = FontFile("DejaVuSans.ttf");
  const std::string bold = FontFile("DejaVuSans-Bold.ttf");
  const auto load = [&](const std::string& file, float units) -> ImFont* {
    if (!file.empty()) return atlas.AddFontFromFileTTF(file.c_str(), theme.Px(units), nullptr, kRanges);
    ImFontConfig config;
    config.SizePixels = theme.Px(units);
    return atlas.AddFontDefault(&config);
  };
  theme.body = load(plain, 15);  // the first one is the default
  theme.small = load(plain, 12);
  theme.bold = load(bold.empty() ? plain : bold, 15);
  theme.large = load(bold.empty() ? plain : bold, 26);
}

}  // namespace divla
