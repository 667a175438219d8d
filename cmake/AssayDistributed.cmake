# Several processes need c10d with Gloo in LibTorch, and Gloo's headers, which the wheel lacks
# (Debian: libgloo-dev). Sets the folder of the communicator that can be built.
get_target_property(assay_torch_definitions torch_cpu INTERFACE_COMPILE_DEFINITIONS)
find_path(ASSAY_GLOO_INCLUDE gloo/context.h)
find_path(ASSAY_C10D_INCLUDE torch/csrc/distributed/c10d/ProcessGroupGloo.hpp
          PATHS ${TORCH_INCLUDE_DIRS} NO_DEFAULT_PATH)
if("USE_C10D_GLOO" IN_LIST assay_torch_definitions AND ASSAY_GLOO_INCLUDE AND ASSAY_C10D_INCLUDE)
  set(ASSAY_HAS_C10D ON)
  set(ASSAY_COMMUNICATOR distributed/c10d)
else()
  message(STATUS "assay without several processes: no c10d with Gloo in LibTorch, or no libgloo-dev")
  set(ASSAY_HAS_C10D OFF)
  set(ASSAY_COMMUNICATOR distributed/without_c10d)
endif()
