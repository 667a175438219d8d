# assay_add_plugin(NAME SOURCES...): a shared library libNAME.so that assay loads. One of the sources
# defines assay::register_plugin (assay/registry/plugins/plugin.h).
function(assay_add_plugin name)
  get_target_property(library assay::assay ALIASED_TARGET)
  if(NOT library)
    set(library assay::assay)
  endif()
  get_target_property(type ${library} TYPE)
  if(NOT type STREQUAL SHARED_LIBRARY)
    message(FATAL_ERROR "assay_add_plugin(${name}): this assay is a static library; programs linked "
                        "with it load no plugins. Build assay with BUILD_SHARED_LIBS=ON.")
  endif()
  add_library(${name} MODULE ${ARGN} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin_main.cpp)
  target_link_libraries(${name} PRIVATE assay::assay)
  # Plugins that define the same names do not disturb each other.
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON)
endfunction()
