# Arrow and Parquet (C++) from the unpacked pyarrow wheel, or from ARROW_ROOT: a folder that holds include/ and libarrow and
# libparquet (beside include/ as in the wheel, with the version in their names, or under lib/). Defines arrow::parquet.
set(ARROW_ROOT "${DIVLA_DEPS_DIR}/pyarrow" CACHE PATH "folder of Arrow's include/ and libraries")
find_path(ARROW_INCLUDE_DIR parquet/arrow/writer.h PATHS "${ARROW_ROOT}/include" NO_DEFAULT_PATH)
foreach(name arrow parquet)
  file(GLOB found "${ARROW_ROOT}/lib${name}.so*" "${ARROW_ROOT}/lib/lib${name}.so*")
  if(found)
    list(GET found 0 ARROW_LIBRARY_${name})
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ArrowParquet REQUIRED_VARS ARROW_LIBRARY_arrow ARROW_LIBRARY_parquet ARROW_INCLUDE_DIR)
if(ArrowParquet_FOUND AND NOT TARGET arrow::parquet)
  add_library(arrow::arrow SHARED IMPORTED)
  set_target_properties(arrow::arrow PROPERTIES
    IMPORTED_LOCATION "${ARROW_LIBRARY_arrow}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${ARROW_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${ARROW_INCLUDE_DIR}")
  add_library(arrow::parquet SHARED IMPORTED)
  set_target_properties(arrow::parquet PROPERTIES
    IMPORTED_LOCATION "${ARROW_LIBRARY_parquet}" INTERFACE_LINK_LIBRARIES arrow::arrow)
endif()
