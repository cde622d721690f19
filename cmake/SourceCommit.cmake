# Writes OUT, a source file that names the commit checked out in SOURCE and says whether the working tree differs from it
# ("unknown" and true where git cannot tell). Every build runs it: cmake -D SOURCE=... -D OUT=... -P SourceCommit.cmake
# A file that says the same already is left alone, so that nothing is compiled again.
find_program(GIT git)
set(commit unknown)
set(dirty true)
if(GIT)
  execute_process(COMMAND "${GIT}" -C "${SOURCE}" rev-parse --verify HEAD
    RESULT_VARIABLE failed OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    set(commit "${head}")
    execute_process(COMMAND "${GIT}" -C "${SOURCE}" status --porcelain
      RESULT_VARIABLE failed OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT failed AND changes STREQUAL "")
      set(dirty false)
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT "${OUT}" CONTENT "// Written by cmake/SourceCommit.cmake at every build.
#include \"harness/source_commit.h\"

namespace divla {

const char kSourceCommit[] = \"@commit@\";
const bool kSourceDirty = @dirty@;

}  // namespace divla
" @ONLY)
