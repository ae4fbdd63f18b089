include("${CMAKE_CURRENT_LIST_DIR}/QalamAlgorithmsDependencies.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/qalamTargets.cmake")
