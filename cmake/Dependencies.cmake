# Third-party targets a module may LINK (all Debian 12 packages, see packaging/install-packages):
#   Boost::headers Boost::json fmt::fmt spdlog::spdlog CLI11::CLI11 tomlplusplus::tomlplusplus date::date
#   prometheus-cpp::core SQLite::SQLite3 PkgConfig::argon2 OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)

if(TIANQU_TESTS)
  find_package(GTest REQUIRED)
  # The Debian package ships RapidCheck without its GoogleTest extras: call rc::check inside a TEST.
  find_package(rapidcheck REQUIRED)
  include(GoogleTest)
endif()
if(TIANQU_BENCH)
  find_package(benchmark REQUIRED)
endif()
