# postern_embed(target name ENTRIES path=source ... [DEPENDS file ...])
#
# Puts files into `target` as data, so that the program is one file. Each entry is a place inside the program and a file or
# a folder on disk; a folder is taken with everything below it, as it stands when the target is built. DEPENDS names what a
# generated folder waits for. The records lie between the symbols postern_embedded_<name>_begin and _end:
#   u32 length of the path, u32 length of the content (little endian), path, content.
# host/web/embedded.cpp reads them.
#
# The same file is the script that writes the assembler file at build time: folders may be made by the build itself.
if(CMAKE_SCRIPT_MODE_FILE AND DEFINED EMBED_OUTPUT)
  set(records "")
  string(REPLACE "|" ";" EMBED_ENTRIES "${EMBED_ENTRIES}")
  foreach(entry ${EMBED_ENTRIES})
    string(FIND "${entry}" "=" split)
    string(SUBSTRING "${entry}" 0 ${split} inside)
    math(EXPR split "${split} + 1")
    string(SUBSTRING "${entry}" ${split} -1 source)
    if(IS_DIRECTORY "${source}")
      file(GLOB_RECURSE files RELATIVE "${source}" "${source}/*")
      list(SORT files)
    elseif(EXISTS "${source}")
      set(files "")
      string(APPEND records "  .long 4f - 3f, 2f - 1f\n3: .ascii \"${inside}\"\n4:\n1: .incbin \"${source}\"\n2:\n")
    else()
      message(FATAL_ERROR "postern_embed: ${source} is not there")
    endif()
    foreach(file ${files})
      set(path "${inside}/${file}")
      string(APPEND records "  .long 4f - 3f, 2f - 1f\n3: .ascii \"${path}\"\n4:\n1: .incbin \"${source}/${file}\"\n2:\n")
    endforeach()
  endforeach()
  set(symbol "postern_embedded_${EMBED_NAME}")
  file(WRITE "${EMBED_OUTPUT}"
    "# Written by cmake/Embed.cmake.\n"
    "  .section .note.GNU-stack,\"\",%progbits\n"
    "  .section .rodata\n"
    "  .globl ${symbol}_begin, ${symbol}_end\n"
    "  .balign 8\n"
    "${symbol}_begin:\n${records}${symbol}_end:\n  .byte 0\n")
  return()
endif()

set(POSTERN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(postern_embed target name)
  cmake_parse_arguments(ARG "" "" "ENTRIES;DEPENDS" ${ARGN})
  set(sources ${ARG_DEPENDS})
  foreach(entry ${ARG_ENTRIES})
    string(REGEX REPLACE "^[^=]*=" "" source "${entry}")
    if(IS_DIRECTORY "${source}" AND NOT source MATCHES "^${CMAKE_BINARY_DIR}/")
      file(GLOB_RECURSE found CONFIGURE_DEPENDS "${source}/*")
      list(APPEND sources ${found})
    elseif(NOT source MATCHES "^${CMAKE_BINARY_DIR}/")
      list(APPEND sources "${source}")
    endif()
  endforeach()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.embedded.S)
  list(JOIN ARG_ENTRIES "|" entries)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DEMBED_OUTPUT=${output} -DEMBED_NAME=${name} "-DEMBED_ENTRIES=${entries}"
            -P ${POSTERN_EMBED_SCRIPT}
    DEPENDS ${POSTERN_EMBED_SCRIPT} ${sources} VERBATIM
    COMMENT "Listing what ${name} embeds")
  # The assembler reads the files themselves, so the object is made again when one of them changes.
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${sources}" COMPILE_OPTIONS "-g0")
  target_sources(${target} PRIVATE ${output})
endfunction()
