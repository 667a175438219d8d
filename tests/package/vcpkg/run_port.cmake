# Runs the vcpkg port's portfile with vcpkg's functions replaced by what checks how they are called: the
# library is not built again, but installed from BUILD.
cmake_minimum_required(VERSION 3.25)
set(VCPKG_BUILD_TYPE release)
set(PORT assay)
set(FEATURES core tools)
set(CURRENT_PACKAGES_DIR ${PACKAGES})

function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" OUT_FEATURE_OPTIONS FEATURES)
  list(JOIN arg_FEATURES "=" pair)
  message("feature: ${pair}")
  list(GET arg_FEATURES 1 option)
  set(${arg_OUT_FEATURE_OPTIONS} -D${option}=ON PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  message("source: ${arg_SOURCE_PATH}")
  foreach(option IN LISTS arg_OPTIONS)
    message("option: ${option}")
  endforeach()
endfunction()

function(vcpkg_cmake_install)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${CURRENT_PACKAGES_DIR}
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(needs file)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/${file})
    message(FATAL_ERROR "the install has no ${file}")
  endif()
endfunction()

function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" CONFIG_PATH "")
  needs(${arg_CONFIG_PATH}/${PORT}Config.cmake)
  needs(${arg_CONFIG_PATH}/${PORT}Targets-release.cmake)
endfunction()

function(vcpkg_fixup_pkgconfig)
  needs(lib/pkgconfig/${PORT}.pc)
endfunction()

function(vcpkg_copy_tools)
  cmake_parse_arguments(PARSE_ARGV 0 arg AUTO_CLEAN "" TOOL_NAMES)
  needs(bin/${arg_TOOL_NAMES})
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

include(${PORTFILE})
