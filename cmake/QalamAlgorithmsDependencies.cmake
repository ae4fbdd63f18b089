# What the library of algorithms needs. Installed with it, so that find_package(qalam) finds the same.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Eigen3 3.4 REQUIRED)
pkg_check_modules(qalam_nlopt REQUIRED IMPORTED_TARGET nlopt)
