# Flags shared by every target of ours: warnings as errors, sanitizers, a fast linker, a compiler cache.

add_library(tianqu_options INTERFACE)
target_compile_features(tianqu_options INTERFACE cxx_std_23)
target_compile_options(
  tianqu_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Werror
            -Wshadow
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wimplicit-fallthrough
            -Wextra-semi
            -Wshorten-64-to-32
            -Wunused
            # Options structs are filled by name; the fields left out keep their defaults.
            -Wno-missing-designated-field-initializers)

# No -DNDEBUG anywhere: assertions guard our own logic in release too.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_C_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")
target_compile_definitions(tianqu_options INTERFACE _GLIBCXX_ASSERTIONS)

set(tianqu_sanitize_flags "")
if(TIANQU_SANITIZER STREQUAL "address" OR TIANQU_SANITIZER STREQUAL "fuzz")
  # vptr compares type information across shared libraries that hide theirs, and complains without cause.
  set(tianqu_sanitize_flags -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
                            "-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/sanitize-ignore.txt")
elseif(TIANQU_SANITIZER STREQUAL "thread")
  set(tianqu_sanitize_flags -fsanitize=thread)
elseif(NOT TIANQU_SANITIZER STREQUAL "")
  message(FATAL_ERROR "TIANQU_SANITIZER is '${TIANQU_SANITIZER}': expected empty, address, thread or fuzz")
endif()
if(tianqu_sanitize_flags)
  add_compile_options(${tianqu_sanitize_flags})
  add_link_options(${tianqu_sanitize_flags})
endif()

find_program(TIANQU_CCACHE ccache)
if(TIANQU_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TIANQU_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${TIANQU_CCACHE}")
endif()

find_program(TIANQU_MOLD mold)
if(TIANQU_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
