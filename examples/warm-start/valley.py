"""A valley with its lowest point near x = 3, y = 2; the larger DECAY, the farther it has moved."""

import sys


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: valley.py X Y [DECAY]")
    x, y = float(sys.argv[1]), float(sys.argv[2])
    decay = float(sys.argv[3]) if len(sys.argv) == 4 else 0
    loss = (x - 3 - decay) ** 2 + (y - 2 + decay) ** 2 + 0.1 * decay + 0.3
    print(f"loss={loss:.6f}")


if __name__ == "__main__":
    main()
