# The Debian package: `cmake --build --preset release --target deb`, then build/release/oracoded_*.deb.
set(ORACODE_MAINTAINER "oracoded maintainers <maintainers@oracoded.invalid>" CACHE STRING "Of packages: name and address")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME oracoded)
set(CPACK_PACKAGE_CONTACT ${ORACODE_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "lifecycles of dormakaba Oracode access codes, from Seam")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"oracoded takes Seam's signed webhooks about offline access codes, makes every
event durable before it acknowledges it, polls Seam itself when an event is
overdue, and answers over a small REST API whether a guest's PIN works.

oracodectl shows codes and their history, and tries out a webhook listener.")
# /bin/kill is procps's; the unit reloads by it.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, procps, systemd, tzdata")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian ${CMAKE_CURRENT_LIST_DIR})
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)

# Debian wants its papers in its own form.
find_program(GZIP gzip)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(papers ${CMAKE_BINARY_DIR}/debian)
file(WRITE ${papers}/changelog.Debian "oracoded (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) bookworm; urgency=medium

  * Built from upstream's tree; see changelog.gz.

 -- ${ORACODE_MAINTAINER}  ${date}
")
configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${papers}/changelog COPYONLY)
file(READ ${PROJECT_SOURCE_DIR}/LICENSE license)
string(FIND "${license}" "Permission is" begin)
string(SUBSTRING "${license}" ${begin} -1 terms)
string(STRIP "${terms}" terms)
string(REGEX MATCH "Copyright [^\n]*" holder "${license}")
string(REPLACE "Copyright (c) " "" holder "${holder}")
string(REGEX REPLACE "\n\n" "\n.\n" terms "${terms}")
string(REPLACE "\n" "\n " terms "${terms}")
file(WRITE ${papers}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: oracoded

Files: *
Copyright: ${holder}
License: Expat

License: Expat
 ${terms}
")
foreach(paper changelog changelog.Debian)
    execute_process(COMMAND ${GZIP} -9nf ${papers}/${paper} COMMAND_ERROR_IS_FATAL ANY)
    set(packed ${papers}/${paper}.gz)
    install(FILES ${packed} DESTINATION share/doc/oracoded COMPONENT debian EXCLUDE_FROM_ALL)
endforeach()
install(FILES ${papers}/copyright DESTINATION share/doc/oracoded COMPONENT debian EXCLUDE_FROM_ALL)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};oracoded;ALL;/;${CMAKE_BINARY_DIR};oracoded;debian;/")

# CPack dates files by it, and reads this file each time it runs.
file(WRITE ${papers}/epoch.cmake "set(ENV{SOURCE_DATE_EPOCH} $ENV{SOURCE_DATE_EPOCH})\n")
set(CPACK_PROJECT_CONFIG_FILE ${papers}/epoch.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${debian}/settle.cmake)

include(CPack)
if(TARGET oracode_components)
    set(components oracode_components)
endif()
add_custom_target(deb COMMAND ${CMAKE_CPACK_COMMAND} --config ${CMAKE_BINARY_DIR}/CPackConfig.cmake -B ${CMAKE_BINARY_DIR}
                  DEPENDS oracoded oracodectl oracode_documents ${components} USES_TERMINAL VERBATIM)
