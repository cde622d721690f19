// What of a line is kept on disk: the video of its cameras, and a run folder. The session's worker only.
#pragma once

#include <filesystem>

#include "harness/agent.h"
#include "sim/render/renderer.h"
#include "viewer/line.h"
#include "viewer/source.h"

namespace divla {

// `parent`: of a branch, the line whose past it has; null for an episode. Of an episode that was played to its end
// unchanged it is, byte for byte, the video that an evaluation keeps. Throws MachineError as VideoWriter does; the folder
// of `file` is made.
void WriteLineVideo(Line* parent, Line& line, const Agent& agent, Renderer& renderer,
                    const std::filesystem::path& file);

// Throws InputError for a line that is not at its end, and as WriteEpisodeRun does.
void ExportLine(Line& line, const EpisodeChoice& choice, const EpisodeFacts& facts, const Agent& agent,
                Renderer& renderer, const std::filesystem::path& run);

// FOLDER/STEM.END, or the first of FOLDER/STEM-2.END, -3, ... that is not there: nothing is ever overwritten. `end` may
// be empty, for a folder.
std::filesystem::path FreeName(const std::filesystem::path& folder, const std::string& stem, const std::string& end);

}  // namespace divla
