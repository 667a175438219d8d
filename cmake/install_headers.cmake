# Run by `cmake --install`: copies the public headers from `assay_source` to `assay_include`. Kernels
# stay at home, and headers that hide all that they declare: only the library's own sources include those.
foreach(folder IN ITEMS core registry losses metrics serialization distributed training)
  file(GLOB_RECURSE headers RELATIVE ${assay_source} ${assay_source}/${folder}/*.h)
  list(FILTER headers EXCLUDE REGEX "/kernels/")
  foreach(header IN LISTS headers)
    file(READ ${assay_source}/${header} text)
    if(NOT text MATCHES "#pragma GCC visibility push\\(hidden\\)\nnamespace assay")
      get_filename_component(place ${header} DIRECTORY)
      file(INSTALL ${assay_source}/${header} DESTINATION ${assay_include}/${place})
    endif()
  endforeach()
endforeach()
