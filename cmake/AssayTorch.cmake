# Finds LibTorch: the caller's own (Torch_DIR or CMAKE_PREFIX_PATH), else the wheel in .venv.

if(NOT Torch_DIR AND NOT Torch_ROOT)
  file(GLOB assay_wheel ${CMAKE_CURRENT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  list(APPEND CMAKE_PREFIX_PATH ${assay_wheel})
endif()

# The wheel's own CMake package looks for CUDA toolkits and such, loudly.
set(assay_saved_log_level "${CMAKE_MESSAGE_LOG_LEVEL}")
set(CMAKE_MESSAGE_LOG_LEVEL WARNING)
find_package(Torch 2.7 QUIET)
set(CMAKE_MESSAGE_LOG_LEVEL "${assay_saved_log_level}")
if(NOT Torch_FOUND)
  message(FATAL_ERROR "LibTorch 2.7 or later was not found. Run script/bootstrap, or point CMake at "
                      "one: cmake -DCMAKE_PREFIX_PATH=/path/to/libtorch ...")
endif()

# Another LibTorch in the system's folders can supply libc10.so beside the wheel's libtorch.so;
# such a program aborts at start. Both must come from one folder.
foreach(library IN ITEMS TORCH_LIBRARY c10_LIBRARY)
  get_filename_component(assay_folder "${${library}}" DIRECTORY)
  get_filename_component(assay_folder "${assay_folder}" REALPATH)
  get_filename_component(assay_expected "${TORCH_INSTALL_PREFIX}/lib" REALPATH)
  if(NOT assay_folder STREQUAL assay_expected)
    message(FATAL_ERROR "Two LibTorch installations are mixed: ${${library}} lies outside "
                        "${assay_expected}. Point CMake at one of them with "
                        "-D${library}=${assay_expected}/..., or remove the other.")
  endif()
endforeach()
