# Debian packages: `cpack --config build/CPackConfig.cmake` writes libassay0.1, libassay-dev and assay.
# No package has a LibTorch that is recent enough: they look for the one they were built with, at its
# place, and wherever else the dynamic linker looks.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "The maintainers of assay <maintainers@assay.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL library development)
if(TARGET assay_command)
  list(APPEND CPACK_COMPONENTS_ALL command)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_CURRENT_BINARY_DIR} ${TORCH_INSTALL_PREFIX}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(assay_torch "It needs LibTorch ${Torch_VERSION}, which Debian does not have, in
${TORCH_INSTALL_PREFIX}
or where ldconfig or LD_LIBRARY_PATH say.")
set(assay_so_package libassay${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "The shared library.
${assay_torch}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${assay_so_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)

set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers, and what find_package(assay) and pkg-config read.
${assay_torch}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libassay-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${assay_so_package} (= ${PROJECT_VERSION}), nlohmann-json3-dev (>= 3.10)")

set(CPACK_COMPONENT_COMMAND_DESCRIPTION "The assay command, which trains and evaluates models from JSON.
${assay_torch}")
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME assay)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "${assay_so_package} (= ${PROJECT_VERSION})")
include(CPack)
