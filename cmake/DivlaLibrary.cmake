# divla_library(name): one library per folder, from every .cc under the calling folder, with our warnings as errors.
# divla_test(name): one test program per folder of tests/, from every *_test.cc under it.
add_library(divla_options INTERFACE)
target_compile_features(divla_options INTERFACE cxx_std_20)
target_compile_options(divla_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -ffp-contract=off)
# Calls of sin and the like go to sim/libm as written: a compiler that computes them itself for constant arguments (g++ with
# MPFR, clang with the libm of the machine it runs on) or joins sin and cos into one call could give other bits.
foreach(function sin cos tan asin acos atan atan2 exp log log10 pow cbrt hypot sinf cosf atan2f log10f powf)
  target_compile_options(divla_options INTERFACE -fno-builtin-${function})
endforeach()
if(DIVLA_WERROR)
  target_compile_options(divla_options INTERFACE -Werror)
endif()
if(DIVLA_SANITIZE)
  target_compile_options(divla_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
    -Wno-maybe-uninitialized)  # g++ 12 sees ghosts in std::regex and std::function once sanitizers are on
  target_link_options(divla_options INTERFACE -fsanitize=address,undefined)
endif()
target_include_directories(divla_options INTERFACE "${PROJECT_SOURCE_DIR}")

function(divla_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC divla_options)
endfunction()

function(divla_test name)
  cmake_parse_arguments(arg "" "" "LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE DIVLA_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 600 ENVIRONMENT DIVLA_MENAGERIE=off)  # whatever was configured, the golden pictures are our own
endfunction()
