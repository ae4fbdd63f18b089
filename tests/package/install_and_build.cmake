# cmake -DSOURCE=... -DWORK=... [-DBUILD=...] -P install_and_build.cmake
#
# Installs the library of algorithms into a prefix of its own, builds examples/ask-tell against that and runs it. It is
# installed from the build tree BUILD, or, without one, built alone from SOURCE first.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${WORK}")
if(NOT BUILD)
  set(BUILD "${WORK}/build")
  # Hardly optimised, which takes half the time: the question is whether it builds.
  run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BUILD}" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-Og -DQALAM_ALGORITHMS_ONLY=ON)
  run("${CMAKE_COMMAND}" --build "${BUILD}")
endif()
run("${CMAKE_COMMAND}" --install "${BUILD}" --component algorithms --prefix "${WORK}/prefix")
run("${CMAKE_COMMAND}" -S "${SOURCE}/examples/ask-tell" -B "${WORK}/example" -G Ninja "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
run("${CMAKE_COMMAND}" --build "${WORK}/example")
run("${WORK}/example/ask-tell")
