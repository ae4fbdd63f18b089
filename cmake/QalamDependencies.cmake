# Everything comes from the distribution's packages; docs/decisions.md says why each one is here. What the algorithms
# need is in QalamAlgorithmsDependencies.cmake.
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(qalam_yaml REQUIRED IMPORTED_TARGET yaml-0.1)
# Not named re2: that would mark gRPC's own look-up of RE2 as done.
pkg_check_modules(qalam_re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(qalam_sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
