"""Fits a polynomial to noisy points by gradient descent and writes its losses as TensorBoard event files.

With tensorboardX installed, its writer is used; otherwise the few lines below write the same files. In a program of
yours, take the writer of your framework: torch.utils.tensorboard, tf.summary, Keras' TensorBoard callback.
"""

import argparse
import math
import os
import random
import struct
import time

STEPS = 60

try:
    from tensorboardX import SummaryWriter
except ImportError:
    def crc32c(data):
        crc = 0xFFFFFFFF
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        return crc ^ 0xFFFFFFFF

    def checksum(data):
        crc = crc32c(data)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    class SummaryWriter:
        """Scalars of TensorFlow's Event, in records: length, its checksum, data, their checksum."""

        def __init__(self, directory):
            os.makedirs(directory, exist_ok=True)
            self.file = open(f"{directory}/events.out.tfevents.{time.time():.0f}.{os.getpid()}", "ab")

        def add_scalar(self, tag, value, step):
            name = tag.encode()
            scalar = b"\x0a" + bytes([len(name)]) + name + b"\x15" + struct.pack("<f", value)
            summary = b"\x0a" + bytes([len(scalar)]) + scalar
            event = b"\x09" + struct.pack("<d", time.time()) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary
            length = struct.pack("<Q", len(event))
            self.file.write(length + checksum(length) + event + checksum(event))

        def flush(self):
            self.file.flush()

        def close(self):
            self.file.close()


def chebyshev(x, degree):
    """The first degree + 1 Chebyshev polynomials at x."""
    values = [1.0, x]
    while len(values) <= degree:
        values.append(2 * x * values[-1] - values[-2])
    return values[:degree + 1]


def points(count, seed):
    noise = random.Random(seed)
    return [(x, math.sin(4 * x) + noise.gauss(0, 0.2)) for x in (noise.uniform(-1, 1) for _ in range(count))]


def loss(weights, data):
    return sum((sum(w * f for w, f in zip(weights, features)) - y) ** 2 for features, y in data) / len(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--degree", type=int, default=5, help="of the polynomial")
    parser.add_argument("--rate", type=float, default=0.1, help="learning rate")
    parser.add_argument("--logdir", required=True, help="event files go to train/ and val/ below it")
    args = parser.parse_args()

    train, val = ([(chebyshev(x, args.degree), y) for x, y in points(count, seed)] for count, seed in ((30, 1), (200, 2)))
    writers = {name: SummaryWriter(f"{args.logdir}/{name}") for name in ("train", "val")}
    weights = [0.0] * (args.degree + 1)
    for step in range(STEPS):
        for features, y in train:
            error = sum(w * f for w, f in zip(weights, features)) - y
            weights = [w - args.rate / len(weights) * error * f for w, f in zip(weights, features)]
        for name, data in (("train", train), ("val", val)):
            writers[name].add_scalar("loss", loss(weights, data), step)
            writers[name].flush()
    for writer in writers.values():
        writer.close()
    print(f"degree {args.degree}, rate {args.rate}: loss {loss(weights, val):.4f}")


if __name__ == "__main__":
    main()
