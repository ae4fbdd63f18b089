# The package: find_package(qalam) gives qalam::algorithms. Component "algorithms". Included after the folders whose
# libraries it installs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(qalam_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/qalam")
set(qalam_include_dir "${CMAKE_INSTALL_INCLUDEDIR}/qalam")

# qalam_install(FOLDER HEADERS a.h ...): the library qalam_FOLDER as qalam::FOLDER, its headers as
# include/qalam/FOLDER/a.h.
function(qalam_install folder)
  cmake_parse_arguments(ARG "" "" "HEADERS" ${ARGN})
  set_target_properties(qalam_${folder} PROPERTIES EXPORT_NAME ${folder})
  install(TARGETS qalam_${folder} EXPORT qalamTargets COMPONENT algorithms)
  list(TRANSFORM ARG_HEADERS PREPEND "${CMAKE_SOURCE_DIR}/${folder}/")
  install(FILES ${ARG_HEADERS} DESTINATION "${qalam_include_dir}/${folder}" COMPONENT algorithms)
endfunction()

qalam_install(base HEADERS number_text.h status.h)
qalam_install(algorithms HEADERS algorithm.h architecture_space.h density.h early_stopper.h end_rule.h end_rule_text.h hypervolume.h observations.h parameter.h pareto.h random_engine.h registry.h search_space.h settings.h space_rules.h step_grid.h trial.h
                                 trial_labels.h)

set_target_properties(qalam_options PROPERTIES EXPORT_NAME options)
target_include_directories(qalam_options INTERFACE "$<INSTALL_INTERFACE:${qalam_include_dir}>")
target_compile_features(qalam_options INTERFACE cxx_std_20)
install(TARGETS qalam_options EXPORT qalamTargets COMPONENT algorithms)

write_basic_package_version_file("${CMAKE_BINARY_DIR}/qalamConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(EXPORT qalamTargets NAMESPACE qalam:: DESTINATION "${qalam_package_dir}" COMPONENT algorithms)
install(FILES cmake/qalamConfig.cmake cmake/QalamAlgorithmsDependencies.cmake "${CMAKE_BINARY_DIR}/qalamConfigVersion.cmake"
        DESTINATION "${qalam_package_dir}" COMPONENT algorithms)
