# A family is a folder in which every source ends with `void register_<file stem>(Registry&)`.
# From the list of files this writes the function that registers them all and the umbrella header
# <assay/family.h>, so a new member touches no list and a forgotten function is a link error that
# names it. The sources of the folder that are no members are NOT_MEMBERS in its family.cmake; the
# umbrella header has those of them that are IN_UMBRELLA too.

function(assay_add_family target family registry)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${family}/*.cpp)
  include(${CMAKE_CURRENT_SOURCE_DIR}/${family}/family.cmake)
  string(REPLACE "/" "::" namespace ${family})
  set(declarations "")
  set(calls "")
  set(includes "#include <assay/${family}/registry.h>\n")
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    if(NOT stem IN_LIST NOT_MEMBERS)
      string(APPEND declarations "[[gnu::visibility(\"hidden\")]] void register_${stem}(${registry}& registry);\n")
      string(APPEND calls "  register_${stem}(registry);\n")
      string(APPEND includes "#include <assay/${family}/${stem}.h>\n")
    endif()
  endforeach()
  foreach(stem IN LISTS IN_UMBRELLA)
    string(APPEND includes "#include <assay/${family}/${stem}.h>\n")
  endforeach()
  string(REPLACE "/" "_" file_name builtin_${family}.cpp)
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/builtin.cpp.in
                 ${CMAKE_CURRENT_BINARY_DIR}/generated/${file_name} @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated/${file_name})
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/umbrella.h.in
                 ${CMAKE_CURRENT_BINARY_DIR}/generated/include/assay/${family}.h @ONLY)
endfunction()

# <assay/NAME.h>, which includes what a user of that floor needs.
function(assay_add_umbrella name)
  set(family ${name})
  set(includes "")
  foreach(header IN LISTS ARGN)
    string(APPEND includes "#include <assay/${header}>\n")
  endforeach()
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/umbrella.h.in
                 ${CMAKE_CURRENT_BINARY_DIR}/generated/include/assay/${name}.h @ONLY)
endfunction()

# Puts the sources of each folder into groups of about eight that are compiled as one: LibTorch's
# headers are what takes the time. A file's group is told by its name, so that a new file changes
# one group and not all that follow.
function(assay_group_sources)
  foreach(source IN LISTS ARGN)
    file(RELATIVE_PATH folder ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    get_filename_component(folder ${folder} DIRECTORY)
    string(MAKE_C_IDENTIFIER ${folder} folder)
    list(APPEND folders ${folder})
    list(APPEND sources_${folder} ${source})
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder IN LISTS folders)
    list(LENGTH sources_${folder} count)
    set(groups 1)
    while(count GREATER 12)
      math(EXPR count "${count} / 2")
      math(EXPR groups "${groups} * 2")
    endwhile()
    foreach(source IN LISTS sources_${folder})
      get_filename_component(stem ${source} NAME_WE)
      string(MD5 hash ${stem})
      string(SUBSTRING ${hash} 0 2 digits)
      math(EXPR group "0x${digits} % ${groups}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${group})
    endforeach()
  endforeach()
endfunction()
