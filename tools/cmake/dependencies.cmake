# Imported targets dep::NAME for every library we use.  libev ships no .pc file and
# msgpack-c changed its name between Debian releases, hence the two by hand.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(meshd_pkg name)
  pkg_search_module(DEP_${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(dep::${name} ALIAS PkgConfig::DEP_${name})
endfunction()

meshd_pkg(sodium libsodium)
meshd_pkg(msgpack msgpack-c msgpack)
meshd_pkg(sqlite sqlite3)
meshd_pkg(nettle nettle)
meshd_pkg(hogweed hogweed) # nettle's curves
meshd_pkg(microhttpd libmicrohttpd)
meshd_pkg(jansson jansson)
meshd_pkg(smartcols smartcols)
meshd_pkg(curl libcurl)
meshd_pkg(qrencode libqrencode)
if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
  meshd_pkg(check check)
endif()

find_path(EV_INCLUDE_DIR ev.h REQUIRED)
find_library(EV_LIBRARY ev REQUIRED)
add_library(dep::ev UNKNOWN IMPORTED)
set_target_properties(dep::ev PROPERTIES IMPORTED_LOCATION ${EV_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${EV_INCLUDE_DIR})
