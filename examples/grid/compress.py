"""Compresses a file with zlib and prints the size of the result and the time it took."""

import argparse
import time
import zlib

STRATEGIES = {
    "default": zlib.Z_DEFAULT_STRATEGY,
    "filtered": zlib.Z_FILTERED,
    "huffman": zlib.Z_HUFFMAN_ONLY,
    "rle": zlib.Z_RLE,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", type=int, choices=range(1, 10), required=True)
    parser.add_argument("--strategy", choices=STRATEGIES, required=True)
    parser.add_argument("file")
    args = parser.parse_args()

    with open(args.file, "rb") as source:
        data = source.read()
    start = time.perf_counter()
    compressor = zlib.compressobj(args.level, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL,
                                  STRATEGIES[args.strategy])
    result = compressor.compress(data) + compressor.flush()
    elapsed = time.perf_counter() - start
    print(f"bytes={len(result)} microseconds={elapsed * 1e6:.0f}")


if __name__ == "__main__":
    main()
