"""Trains a small neural network on two interleaved half-moons, and goes on from a checkpoint where there is one.

Prints the validation loss after each epoch. With --epochs 9 and a checkpoint of 3 epochs it trains 6 more. The checkpoint
directory is in QALAM_CHECKPOINT_DIR; without that variable every run begins anew.
"""

import argparse
import json
import math
import os
import pathlib
import random


def moons(count, seed):
    """Points (x, y, side), where side is -1 or 1."""
    draw = random.Random(seed)
    points = []
    for i in range(count):
        side, angle = (-1 if i % 2 else 1), math.pi * draw.random()
        x, y = math.cos(angle), math.sin(angle)
        if side < 0:
            x, y = 1 - x, 0.5 - y
        points.append((x + draw.gauss(0, 0.2), y + draw.gauss(0, 0.2), side))
    return points


class Network:
    """One hidden layer of tanh units; logistic loss, stochastic gradient descent with momentum."""

    def __init__(self, hidden, seed=0):
        draw = random.Random(seed)
        # Of each unit: weights of x and y, offset, weight of its output.
        self.units = [[draw.gauss(0, 1), draw.gauss(0, 1), 0.0, draw.gauss(0, 1) / hidden] for _ in range(hidden)]
        self.speed = [[0.0] * 4 for _ in range(hidden)]

    def outputs(self, x, y):
        return [math.tanh(a * x + b * y + c) for a, b, c, _ in self.units]

    def loss(self, points):
        total = 0.0
        for x, y, side in points:
            margin = side * sum(out * unit[3] for out, unit in zip(self.outputs(x, y), self.units))
            total += math.log1p(math.exp(-margin)) if margin > -30 else -margin
        return total / len(points)

    def train(self, points, rate, momentum):
        for x, y, side in points:
            outputs = self.outputs(x, y)
            margin = side * sum(out * unit[3] for out, unit in zip(outputs, self.units))
            slope = -side / (1 + math.exp(min(margin, 30)))
            for out, unit, speed in zip(outputs, self.units, self.speed):
                inner = slope * unit[3] * (1 - out * out)
                for j, gradient in enumerate((inner * x, inner * y, inner, slope * out)):
                    speed[j] = momentum * speed[j] - rate * gradient
                    unit[j] = max(-1e6, min(1e6, unit[j] + speed[j]))


def load(path, network):
    """How many epochs the network has been trained."""
    if not path or not path.exists():
        return 0
    state = json.loads(path.read_text())
    network.units, network.speed = state["units"], state["speed"]
    return state["epoch"]


def save(path, network, epoch):
    """Whole or not at all, whenever the program is ended."""
    if not path:
        return
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({"epoch": epoch, "units": network.units, "speed": network.speed}))
    unfinished.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, required=True, help="to train in all, those of the checkpoint included")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--momentum", type=float, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    arguments = parser.parse_args()

    directory = os.environ.get("QALAM_CHECKPOINT_DIR")
    checkpoint = pathlib.Path(directory) / "network.json" if directory else None
    network = Network(arguments.hidden_units)
    done = load(checkpoint, network)
    print(f"{done} epochs were trained before", flush=True)
    training, validation = moons(200, seed=1), moons(200, seed=2)
    print(f"epoch={done} loss={network.loss(validation):.5f}", flush=True)
    for epoch in range(done + 1, arguments.epochs + 1):
        order = random.Random(epoch).sample(training, len(training))
        network.train(order, arguments.learning_rate, arguments.momentum)
        save(checkpoint, network, epoch)
        print(f"epoch={epoch} loss={network.loss(validation):.5f}", flush=True)


if __name__ == "__main__":
    main()
