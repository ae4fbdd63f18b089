"""Branin's function, a classic of optimisation: three equal minima of 0.397887. Arguments: x in -5..10, y in 0..15."""

import math
import sys


def branin(x, y):
    a = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: branin.py X Y")
    try:
        x, y = float(sys.argv[1]), float(sys.argv[2])
    except ValueError as error:
        sys.exit(f"branin.py: X and Y must be numbers: {error}")
    print(f"loss={branin(x, y):.6f}")


if __name__ == "__main__":
    main()
