"""Trains a classifier on the two-moons problem with the standard library alone: random Fourier features and logistic
regression, fitted by stochastic gradient descent with momentum. Prints the validation loss after every epoch."""

import argparse
import math
import random

FEATURES = 24


def parse_arguments():
    parser = argparse.ArgumentParser(description="two moons, random Fourier features, logistic regression")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--bandwidth", type=float, default=1.0, help="width of the kernel the features stand for")
    parser.add_argument("--decay", type=float, default=1e-4, help="L2 penalty")
    parser.add_argument("--epochs", type=int, default=30)
    return parser.parse_args()


def two_moons(count, noise, rng):
    samples = []
    for index in range(count):
        label, angle = index % 2, rng.uniform(0.0, math.pi)
        x = (1.0 - math.cos(angle)) if label else math.cos(angle)
        y = (0.5 - math.sin(angle)) if label else math.sin(angle)
        samples.append((x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise), label))
    return samples


def log_loss(score, label):
    signed = score if label else -score
    return math.log1p(math.exp(-signed)) if signed > -30.0 else -signed


def main():
    args = parse_arguments()
    rng = random.Random(0)
    waves = [(rng.gauss(0, 1) / args.bandwidth, rng.gauss(0, 1) / args.bandwidth, rng.uniform(0, 2 * math.pi))
             for _ in range(FEATURES)]

    def features(samples):
        return [([math.cos(a * x + b * y + c) for a, b, c in waves], label) for x, y, label in samples]

    train, validation = features(two_moons(400, 0.2, rng)), features(two_moons(200, 0.2, rng))
    weights, velocity = [0.0] * FEATURES, [0.0] * FEATURES
    for epoch in range(1, args.epochs + 1):
        rng.shuffle(train)
        for row, label in train:
            score = max(-30.0, min(30.0, sum(w * f for w, f in zip(weights, row))))
            error = 1.0 / (1.0 + math.exp(-score)) - label
            for i in range(FEATURES):
                velocity[i] = args.momentum * velocity[i] - args.learning_rate * (error * row[i] + args.decay * weights[i])
                weights[i] += velocity[i]
        loss = sum(log_loss(sum(w * f for w, f in zip(weights, row)), label) for row, label in validation)
        print(f"epoch={epoch} loss={loss / len(validation):.5f}", flush=True)


if __name__ == "__main__":
    main()
