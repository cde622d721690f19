// A command line as words: changed, and printed so that a shell reads back the same words.
#pragma once

#include <string>
#include <vector>

namespace divla {

// Quoted where needed; a first word "divla" becomes "./divla", as one starts it at the root of the repository.
std::string ShellCommand(const std::vector<std::string>& words);

// Without the option, given as "--name value" or "--name=value", or as "--name" for a flag; wherever it stands.
std::vector<std::string> WithoutOption(const std::vector<std::string>& words, const std::string& name);
std::vector<std::string> WithoutFlag(const std::vector<std::string>& words, const std::string& name);
// The value in the option's first place, or the option at the end when it was not there.
std::vector<std::string> WithOption(const std::vector<std::string>& words, const std::string& name,
                                    const std::string& value);
std::vector<std::string> WithFlag(const std::vector<std::string>& words, const std::string& name);

}  // namespace divla
