# cmake --install, and what find_package(assay) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The command finds the library beside it, and both the LibTorch that they were built with.
set_target_properties(assay PROPERTIES INSTALL_RPATH "$ORIGIN;${TORCH_INSTALL_PREFIX}/lib")
if(TARGET assay_command)
  set_target_properties(assay_command PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${TORCH_INSTALL_PREFIX}/lib")
endif()

# Components are the packages of AssayPackage.cmake.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
install(TARGETS assay EXPORT assayTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
                                                    NAMELINK_COMPONENT development
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET assay_command)
  install(TARGETS assay_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
endif()
install(CODE "set(assay_source \"${CMAKE_CURRENT_SOURCE_DIR}\")
set(assay_include \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/assay\")")
install(SCRIPT cmake/install_headers.cmake)
install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/generated/include/assay
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT assayTargets NAMESPACE assay::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
configure_package_config_file(cmake/assayConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/assayConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/assayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

# For builds without CMake. The prefix is found from where the file lies.
file(RELATIVE_PATH assay_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" assay_prefix_from_pc "${assay_prefix_from_pc}")
if(NOT BUILD_SHARED_LIBS)
  set(assay_private_libs "Libs.private: -lhwy -lz")
endif()
configure_file(cmake/assay.pc.in ${CMAKE_CURRENT_BINARY_DIR}/assay.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/assay.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES ${CMAKE_CURRENT_BINARY_DIR}/assayConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/assayConfigVersion.cmake
              cmake/AssayPlugin.cmake cmake/plugin_main.cpp
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
