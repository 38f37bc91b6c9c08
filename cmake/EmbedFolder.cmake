# tianqu_embed_folder(<target> FOLDER <dir> NAME <name>) puts the files below a folder into the program:
#
#   #include "generated/<name>.hpp"
#   for (const auto& file : tianqu::generated::<name>()) …   // file.path "assets/index.js", file.content; by path
#
# The list is empty while the folder does not exist. A new file is noticed by the next build.

function(tianqu_embed_folder target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER;NAME" "")
  set(root "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  set(folder "${arg_FOLDER}")
  set(name "${arg_NAME}")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS LIST_DIRECTORIES false "${folder}/*")
  list(SORT files)

  set(blocks "")
  set(declarations "")
  set(entries "")
  set(index 0)
  foreach(file IN LISTS files)
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${folder}" OUTPUT_VARIABLE relative)
    set(symbol "tianqu_${name}_${index}")
    string(APPEND blocks "__asm__(\".section .rodata\\n.balign 16\\n.global ${symbol}_begin\\n.global ${symbol}_end\\n\"\n"
           "        \"${symbol}_begin:\\n.incbin \\\"${file}\\\"\\n${symbol}_end:\\n.byte 0\\n.text\\n\");\n")
    string(APPEND declarations "extern const char ${symbol}_begin[];\nextern const char ${symbol}_end[];\n")
    string(APPEND entries "        {\"${relative}\", between(${symbol}_begin, ${symbol}_end)},\n")
    math(EXPR index "${index} + 1")
  endforeach()

  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded_file.hpp.in" "${root}/generated/embedded_file.hpp" COPYONLY)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded_folder.hpp.in" "${root}/generated/${name}.hpp" @ONLY)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded_folder.cpp.in" "${root}/${name}.cpp" @ONLY)
  set_source_files_properties("${root}/${name}.cpp" PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE "${root}/${name}.cpp")
  target_include_directories(${target} PUBLIC "${root}")
endfunction()
