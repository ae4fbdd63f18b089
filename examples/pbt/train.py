"""Trains a small network on handwritten digits for a few epochs, from where the trial's parent stopped.

Population-based training runs it again and again: each trial finds the weights of its parent in its checkpoint
directory, trains on with its own parameters, and leaves its weights there for its children. The data (1,797 images of
8 x 8 pixels) comes with scikit-learn; nothing is downloaded.
"""

import argparse
import gzip
import importlib.util
import os
import pathlib
import sys

try:
    import numpy as np
    DATA = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent / "datasets/data/digits.csv.gz"
except (ImportError, AttributeError):
    sys.exit(f"{sys.executable} has no numpy or scikit-learn. On Debian: apt-get install python3-sklearn, and run this "
             "with /usr/bin/python3.")

HIDDEN = 48
BATCH = 16


def load():
    """Training and validation images and labels, always the same."""
    with gzip.open(DATA, "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    table = table[np.random.default_rng(0).permutation(len(table))]
    images, labels = table[:, :-1] / 16 - 0.3, table[:, -1].astype(int)
    half = len(labels) // 2
    return (images[:half], labels[:half]), (images[half:], labels[half:])


class Network:
    """One hidden layer; stochastic gradient descent with momentum."""

    def __init__(self, rng):
        self.weights = [rng.normal(0, 0.1, (64, HIDDEN)), np.zeros(HIDDEN), rng.normal(0, 0.1, (HIDDEN, 10)), np.zeros(10)]
        self.velocities = [np.zeros_like(weight) for weight in self.weights]

    def forward(self, images):
        hidden = np.maximum(0, images @ self.weights[0] + self.weights[1])
        scores = hidden @ self.weights[2] + self.weights[3]
        scores -= scores.max(axis=1, keepdims=True)
        return hidden, scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    def loss(self, images, labels):
        return -self.forward(images)[1][np.arange(len(labels)), labels].mean()

    def accuracy(self, images, labels):
        return (self.forward(images)[1].argmax(axis=1) == labels).mean()

    def epoch(self, images, labels, rng, rate, momentum, decay):
        order = rng.permutation(len(labels))
        for batch in np.array_split(order, len(order) // BATCH):
            hidden, log_chances = self.forward(images[batch])
            error = np.exp(log_chances)
            error[np.arange(len(batch)), labels[batch]] -= 1
            error /= len(batch)
            behind = (error @ self.weights[2].T) * (hidden > 0)
            gradients = [images[batch].T @ behind, behind.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
            for weight, velocity, gradient in zip(self.weights, self.velocities, gradients):
                velocity *= momentum
                velocity -= rate * (gradient + decay * weight)
                weight += velocity


class Checkpoint:
    """What is needed to go on: the network and how often it has seen the data.

    A trial that is run again after an interruption finds its own checkpoint, not its parent's. So it says whose it is,
    and at which epoch that trial began.
    """

    def __init__(self, directory, trial):
        self.file = pathlib.Path(directory) / "network.npz"
        self.trial = trial

    def load(self, network):
        """Epochs trained in all, and when this trial began."""
        if not self.file.exists():
            return 0, 0
        with np.load(self.file) as saved:
            for i in range(4):
                network.weights[i], network.velocities[i] = saved[f"weight{i}"], saved[f"velocity{i}"]
            epoch = int(saved["epoch"])
            return epoch, int(saved["begin"]) if str(saved["trial"]) == self.trial else epoch

    def save(self, network, epoch, begin):
        """All of it or nothing, whenever the program is killed."""
        arrays = {f"weight{i}": network.weights[i] for i in range(4)}
        arrays |= {f"velocity{i}": network.velocities[i] for i in range(4)}
        unfinished = self.file.with_suffix(".tmp.npz")
        np.savez(unfinished, epoch=epoch, begin=begin, trial=self.trial, **arrays)
        os.replace(unfinished, self.file)


def report(network, epoch, validation):
    print(f"epoch={epoch} loss={network.loss(*validation):.5f} accuracy={network.accuracy(*validation):.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--momentum", type=float, default=0.5)
    parser.add_argument("--weight-decay", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=4, help="how many to train now")
    parser.add_argument("--checkpoints", default=os.environ.get("QALAM_CHECKPOINT_DIR", "."), help="directory")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    training, validation = load()
    network = Network(np.random.default_rng(args.seed))
    checkpoint = Checkpoint(args.checkpoints, os.environ.get("QALAM_TRIAL_NAME", ""))
    epoch, begin = checkpoint.load(network)
    np.seterr(over="ignore", invalid="ignore")
    if epoch > begin:  # what was reported before the interruption does not count
        report(network, epoch, validation)
    while epoch < begin + args.epochs:
        epoch += 1
        rng = np.random.default_rng((args.seed, epoch))
        network.epoch(*training, rng, args.learning_rate, args.momentum, args.weight_decay)
        checkpoint.save(network, epoch, begin)
        report(network, epoch, validation)


if __name__ == "__main__":
    main()
