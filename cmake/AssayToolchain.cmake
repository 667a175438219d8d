# Compiler settings: ccache, warnings, sanitizers.

find_program(ASSAY_CCACHE ccache)
if(ASSAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header embeds time stamps; without the sloppiness ccache never hits.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${ASSAY_CCACHE})
endif()

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
if(PROJECT_IS_TOP_LEVEL)
  # Outside of the kernels -O3 costs a quarter more compile time and gives nothing.
  string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
endif()

# What LibTorch's headers leave to be instantiated costs 3.5 s a source; clang does it once, in the
# precompiled header (the presets choose clang for that: a quarter of GCC's time a source).
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")

add_library(assay_warnings INTERFACE)
target_compile_options(assay_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wno-unused-parameter -Wno-missing-field-initializers
  # GCC 12 sees overflows in std::string's own code.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow$<SEMICOLON>-Wno-restrict$<SEMICOLON>-Wno-array-bounds$<SEMICOLON>-Wno-stringop-overread>
  # ccache and precompiled headers agree only on preprocessed input that keeps its directives.
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  $<$<BOOL:${ASSAY_WERROR}>:-Werror>)

if(ASSAY_SANITIZE)
  # Optimisation trebles what instrumented code takes to compile: the presets have it in the kernels
  # alone, where tests spend their time, and those with one vector length.
  add_compile_definitions(HWY_COMPILE_ONLY_STATIC)
  set(ASSAY_KERNEL_OPTIONS -O1)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    list(APPEND ASSAY_KERNEL_OPTIONS -msse4.2 -maes -mpclmul)
  endif()
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
  if(ASSAY_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    # A shared runtime can be preloaded, so that Python opens the library too.
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libclang_rt.asan-x86_64.so
                    OUTPUT_VARIABLE ASSAY_SANITIZER_RUNTIME OUTPUT_STRIP_TRAILING_WHITESPACE)
    get_filename_component(folder ${ASSAY_SANITIZER_RUNTIME} DIRECTORY)
    add_link_options(-shared-libasan LINKER:-rpath,${folder})
  endif()
endif()

# The build tree spells includes as an installed assay does: <assay/losses/huber.h>.
function(assay_link_source_root)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/include)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/include/assay SYMBOLIC)
endfunction()
