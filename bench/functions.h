// The functions of the literature, as formulas: no boxes, no names. Each one's optimum is in classical.cc.
//
// x has any length unless a comment says otherwise. Formulas follow Jamil, Yang, A Literature Survey of
// Benchmark Functions For Global Optimization Problems, 2013, and, for the Hartmann functions, Dixon, Szegö,
// Towards Global Optimisation 2, 1978.
#pragma once

#include <span>

namespace qalam::bench {

using Coordinates = std::span<const double>;

double Ackley(Coordinates x);
double Beale(double x, double y);
double Branin(double x, double y);
double DixonPrice(Coordinates x);
double GoldsteinPrice(double x, double y);
double Griewank(Coordinates x);
double Hartmann3(Coordinates x);  // 3 coordinates
double Hartmann6(Coordinates x);  // 6 coordinates
double Levy(Coordinates x);
double Rastrigin(Coordinates x);
double Rosenbrock(Coordinates x);
double Schwefel(Coordinates x);  // 2.26, with the constant that makes its lowest value in [-500, 500]^d 0
double SixHumpCamel(double x, double y);
double Sphere(Coordinates x);
double StyblinskiTang(Coordinates x);
double Zakharov(Coordinates x);

/// The share of coordinate number i (from 1) of Michalewicz's function with m = 10, which is their sum.
double MichalewiczTerm(double x, int i);
double Michalewicz(Coordinates x);

/// Sum over i of 10^(exponent i / (d - 1)) x_i^2: the condition number is 10^exponent.
double Ellipsoid(Coordinates x, double exponent);

}  // namespace qalam::bench
