// The files that `qalam init` writes.
#pragma once

#include <string_view>

namespace qalam::cli {

/// Stands for the experiment's name in kInitExperiment, once.
inline constexpr std::string_view kInitNamePlaceholder = "@NAME@";

/// Two interleaving half moons, a small neural network, plain gradient descent. Standard library only, well
/// below a second for one run, and worth tuning: accuracy is anywhere from 0.2 to 0.97.
inline constexpr std::string_view kInitTrainingScript = R"py(#!/usr/bin/env python3
"""Trains a small neural network on two interleaving half moons. Standard library only.

Qalam reads the metrics from the output: any line with NAME=VALUE counts.
"""
import argparse
import math
import random


def half_moons(count, noise, rng):
    points = []
    for i in range(count):
        label = i % 2
        angle = math.pi * rng.random()
        x = math.cos(angle) if label == 0 else 1 - math.cos(angle)
        y = math.sin(angle) if label == 0 else 0.5 - math.sin(angle)
        points.append(((x + rng.gauss(0, noise), y + rng.gauss(0, noise)), label))
    return points


class Network:
    """One hidden layer of tanh units, one logistic output."""

    def __init__(self, hidden, rng):
        self.inner = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(hidden)]
        self.outer = [rng.gauss(0, 1) / math.sqrt(hidden) for _ in range(hidden + 1)]

    def forward(self, point):
        units = [math.tanh(w[0] * point[0] + w[1] * point[1] + w[2]) for w in self.inner]
        total = self.outer[-1] + sum(w * u for w, u in zip(self.outer, units))
        return units, 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def learn(self, point, label, lr, decay):
        units, output = self.forward(point)
        error = output - label
        for k, unit in enumerate(units):
            back = error * self.outer[k] * (1 - unit * unit)
            self.outer[k] -= lr * (error * unit + decay * self.outer[k])
            row = self.inner[k]
            row[0] -= lr * (back * point[0] + decay * row[0])
            row[1] -= lr * (back * point[1] + decay * row[1])
            row[2] -= lr * back
        self.outer[-1] -= lr * error


def score(network, points):
    loss = correct = 0.0
    for point, label in points:
        output = network.forward(point)[1]
        loss -= math.log(max(1e-12, output if label else 1 - output))
        correct += (output > 0.5) == bool(label)
    return loss / len(points), correct / len(points)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--hidden", type=int, default=4)
    parser.add_argument("--decay", type=float, default=1e-4)
    parser.add_argument("--schedule", choices=["constant", "linear"], default="constant")
    parser.add_argument("--epochs", type=int, default=10)
    args = parser.parse_args()

    rng = random.Random(1)
    train, test = half_moons(300, 0.2, rng), half_moons(300, 0.2, rng)
    network = Network(args.hidden, rng)
    for epoch in range(1, args.epochs + 1):
        share = 1 - (epoch - 1) / args.epochs if args.schedule == "linear" else 1
        rng.shuffle(train)
        for point, label in train:
            network.learn(point, label, args.lr * share, args.decay)
        loss, accuracy = score(network, test)
        print(f"epoch={epoch} loss={loss:.4f} accuracy={accuracy:.4f}", flush=True)


if __name__ == "__main__":
    main()
)py";

inline constexpr std::string_view kInitExperiment = R"yaml(# Run it:  qalam run experiment.yaml
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: @NAME@
spec:
  objective:
    type: maximize
    objectiveMetricName: accuracy # as train.py prints it
    additionalMetricNames: [loss]
  algorithm:
    algorithmName: auto
    algorithmSettings:
      - {name: seed, value: "1"} # the same search every time; leave it out for another one
  maxTrialCount: 24
  parallelTrialCount: 2
  maxFailedTrialCount: 3
  parameters:
    - name: lr
      parameterType: double
      feasibleSpace: {min: "0.0001", max: "1", distribution: logUniform}
    - name: hidden
      parameterType: int
      feasibleSpace: {min: "1", max: "16"}
    - name: decay
      parameterType: double
      feasibleSpace: {min: "0.000001", max: "0.1", distribution: logUniform}
    - name: schedule
      parameterType: categorical
      feasibleSpace: {list: [constant, linear]}
  trialTemplate:
    primaryContainerName: main
    trialParameters:
      - {name: lr, reference: lr}
      - {name: hidden, reference: hidden}
      - {name: decay, reference: decay}
      - {name: schedule, reference: schedule}
    trialSpec:
      apiVersion: qalam.dev/v1
      kind: Process # a program on this machine; a Kubernetes Job works here, too
      spec:
        command:
          - python3
          - train.py
          - --lr=${trialParameters.lr}
          - --hidden=${trialParameters.hidden}
          - --decay=${trialParameters.decay}
          - --schedule=${trialParameters.schedule}
)yaml";

}  // namespace qalam::cli
