# Every library the project stands on, found once. libphonenumber comes unpacked from Debian's own
# package (see `dev`): its -dev package depends on a Boost that conflicts with the one used here.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date 3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

set(RINGBACK_DEPS "${CMAKE_SOURCE_DIR}/build/deps" CACHE PATH "the unpacked libphonenumber-dev")
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h HINTS ${RINGBACK_DEPS}/usr/include REQUIRED)
find_library(PHONENUMBER_LIBRARY NAMES libphonenumber.so.8 REQUIRED)
add_library(phonenumber UNKNOWN IMPORTED)
set_target_properties(phonenumber PROPERTIES
  IMPORTED_LOCATION ${PHONENUMBER_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE}
  INTERFACE_LINK_LIBRARIES protobuf::libprotobuf)
