# Run by `cmake --install`, below CMAKE_INSTALL_PREFIX: units, user, folders, and the configuration unless there is one.
set(etc ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?$")
    set(etc /etc)
endif()

foreach(unit oracoded.service oracoded@.service oracoded.socket oracoded-backup.service oracoded-backup@.service
             oracoded-backup.timer oracoded-backup@.timer)
    file(READ ${source}/systemd/${unit} text)
    string(REPLACE "/usr/bin/oracoded" "${CMAKE_INSTALL_PREFIX}/bin/oracoded" text "${text}")
    string(REPLACE "/usr/bin/oracodectl" "${CMAKE_INSTALL_PREFIX}/bin/oracodectl" text "${text}")
    string(REPLACE "/etc/oracoded/" "${etc}/oracoded/" text "${text}")
    file(WRITE ${build}/${unit} "${text}")
    file(INSTALL ${build}/${unit} DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
endforeach()
file(INSTALL ${source}/systemd/oracoded.sysusers DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d
     RENAME oracoded.conf)
file(INSTALL ${source}/systemd/oracoded.tmpfiles DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/tmpfiles.d
     RENAME oracoded.conf)
if(NOT EXISTS $ENV{DESTDIR}${etc}/oracoded/oracoded.toml)
    file(INSTALL ${source}/config/oracoded.toml DESTINATION ${etc}/oracoded)
endif()
