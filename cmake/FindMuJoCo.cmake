# MuJoCo from the unpacked wheel, or from MUJOCO_ROOT: a folder that holds include/mujoco/mujoco.h and libmujoco.so*
# (beside include/ as in the wheel, or under lib/ as in the release archive). Defines mujoco::mujoco.
set(MUJOCO_ROOT "${DIVLA_DEPS_DIR}/mujoco" CACHE PATH "folder of MuJoCo's include/ and library")
find_path(MUJOCO_INCLUDE_DIR mujoco/mujoco.h PATHS "${MUJOCO_ROOT}/include" NO_DEFAULT_PATH)
file(GLOB MUJOCO_LIBRARIES_FOUND "${MUJOCO_ROOT}/libmujoco.so*" "${MUJOCO_ROOT}/lib/libmujoco.so*")
if(MUJOCO_LIBRARIES_FOUND)
  list(GET MUJOCO_LIBRARIES_FOUND 0 MUJOCO_LIBRARY)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MuJoCo REQUIRED_VARS MUJOCO_LIBRARY MUJOCO_INCLUDE_DIR)
if(MuJoCo_FOUND AND NOT TARGET mujoco::mujoco)
  add_library(mujoco::mujoco SHARED IMPORTED)
  set_target_properties(mujoco::mujoco PROPERTIES
    IMPORTED_LOCATION "${MUJOCO_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MUJOCO_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${MUJOCO_INCLUDE_DIR}")
endif()
