// --renderer, which several commands have.
#include "harness/cli/commands.h"

namespace divla {

void AddRendererOption(CLI::App& command, RendererKind& kind, const std::string& note) {
  command
      .add_option_function<std::string>(
          "--renderer", [&kind](const std::string& name) { kind = ParseRendererKind(name); },
          "software (the same bytes everywhere) or gl (OpenGL, the cross-check); " + note)
      ->default_str(ToString(kind))
      ->check(CLI::IsMember({ToString(RendererKind::kSoftware), ToString(RendererKind::kGl)}));
}

}  // namespace divla
