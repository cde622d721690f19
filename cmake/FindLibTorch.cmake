# LibTorch from the unpacked wheel, or from TORCH_ROOT: a folder that holds include/ and lib/ (site-packages/torch, or the
# libtorch archive). We link the libraries that exist instead of using TorchConfig.cmake, which insists on nvcc for a CUDA
# build: so a CUDA build of LibTorch works on a machine without the CUDA toolkit. Defines torch::torch.
set(TORCH_ROOT "${DIVLA_DEPS_DIR}/torch" CACHE PATH "folder of LibTorch's include/ and lib/")
find_path(TORCH_INCLUDE_DIR torch/csrc/api/include/torch/torch.h PATHS "${TORCH_ROOT}/include" NO_DEFAULT_PATH)
find_library(TORCH_CPU_LIBRARY torch_cpu PATHS "${TORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(TORCH_C10_LIBRARY c10 PATHS "${TORCH_ROOT}/lib" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS TORCH_CPU_LIBRARY TORCH_C10_LIBRARY TORCH_INCLUDE_DIR)
if(LibTorch_FOUND AND NOT TARGET torch::torch)
  set(torch_libraries "${TORCH_CPU_LIBRARY}" "${TORCH_C10_LIBRARY}")
  find_library(TORCH_CUDA_LIBRARY torch_cuda PATHS "${TORCH_ROOT}/lib" NO_DEFAULT_PATH)
  find_library(TORCH_C10_CUDA_LIBRARY c10_cuda PATHS "${TORCH_ROOT}/lib" NO_DEFAULT_PATH)
  if(TORCH_CUDA_LIBRARY)
    # Nothing in our code names a CUDA symbol, so the linker must be told to keep the library that registers the kernels.
    list(APPEND torch_libraries "-Wl,--no-as-needed" "${TORCH_CUDA_LIBRARY}" "${TORCH_C10_CUDA_LIBRARY}" "-Wl,--as-needed")
  endif()
  add_library(torch::torch INTERFACE IMPORTED)
  set_target_properties(torch::torch PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${TORCH_INCLUDE_DIR};${TORCH_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_INCLUDE_DIRECTORIES "${TORCH_INCLUDE_DIR};${TORCH_INCLUDE_DIR}/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES "${torch_libraries}"
    INTERFACE_LINK_OPTIONS "-Wl,-rpath,${TORCH_ROOT}/lib")
endif()
