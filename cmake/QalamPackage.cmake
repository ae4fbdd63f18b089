# The package: find_package(qalam) gives qalam::algorithms. Component "algorithms".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(qalam_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/qalam")
set(qalam_include_dir "${CMAKE_INSTALL_INCLUDEDIR}/qalam")

# qalam_install(target NAME name HEADERS a.h ...): the library of this folder as qalam::name, with headers as
# include/qalam/FOLDER/a.h.
function(qalam_install target)
  cmake_parse_arguments(ARG "" "NAME" "HEADERS" ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME})
  install(TARGETS ${target} EXPORT qalamTargets COMPONENT algorithms)
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  install(FILES ${ARG_HEADERS} DESTINATION "${qalam_include_dir}/${folder}" COMPONENT algorithms)
endfunction()

set_target_properties(qalam_options PROPERTIES EXPORT_NAME options)
target_include_directories(qalam_options INTERFACE "$<INSTALL_INTERFACE:${qalam_include_dir}>")
target_compile_features(qalam_options INTERFACE cxx_std_20)
install(TARGETS qalam_options EXPORT qalamTargets COMPONENT algorithms)

write_basic_package_version_file("${CMAKE_BINARY_DIR}/qalamConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT qalamTargets NAMESPACE qalam:: DESTINATION "${qalam_package_dir}" COMPONENT algorithms)
install(FILES cmake/qalamConfig.cmake cmake/QalamAlgorithmsDependencies.cmake "${CMAKE_BINARY_DIR}/qalamConfigVersion.cmake"
        DESTINATION "${qalam_package_dir}" COMPONENT algorithms)
