"""Builds the network that ENAS proposes, trains it on scikit-learn's handwritten digits with NumPy, and prints accuracy and
loss on held-out digits after every epoch.

Output 0 is the image, output i that of layer i. A layer takes the output before it, joined with the earlier outputs that its
bits name, and does its operation on them:

    dense     units, activation (relu or tanh)
    pooling   averages of `size` neighbouring values
    identity  nothing (its parameter has no meaning: Katib's API wants one for every operation)
"""

import argparse
import json
import math

import numpy
from sklearn.datasets import load_digits

TRAINING_ROWS = 600
BATCH = 50
RATE, MEAN_DECAY, SQUARE_DECAY = 0.004, 0.9, 0.99  # Adam's


def read(text):
    """The two assignments are JSON in which every double quote is a single one, so that they can stand in YAML and JSON."""
    return json.loads(text.replace("'", '"'))


class Dense:
    def __init__(self, inputs, units, activation, rng):
        self.weights = rng.normal(0, math.sqrt(2 / inputs), (inputs, units))
        self.bias = numpy.zeros(units)
        self.activation = activation

    def parameters(self):
        return [self.weights, self.bias]

    def forward(self, x):
        self.x = x
        z = x @ self.weights + self.bias
        self.y = numpy.maximum(z, 0) if self.activation == "relu" else numpy.tanh(z) if self.activation == "tanh" else z
        return self.y

    def backward(self, dy):
        """The gradient by the input, and those by the parameters."""
        if self.activation == "relu":
            dy = dy * (self.y > 0)
        elif self.activation == "tanh":
            dy = dy * (1 - self.y**2)
        return dy @ self.weights.T, [self.x.T @ dy, dy.sum(axis=0)]


class Pooling:
    def __init__(self, size):
        self.size = size

    def parameters(self):
        return []

    def forward(self, x):
        self.width = x.shape[1]
        cells = max(1, self.width // self.size)
        self.used = min(self.width, cells * self.size)
        return x[:, :self.used].reshape(len(x), cells, -1).mean(axis=2)

    def backward(self, dy):
        dx = numpy.zeros((len(dy), self.width))
        each = self.used // dy.shape[1]
        dx[:, :self.used] = numpy.repeat(dy / each, each, axis=1)
        return dx, []


class Identity:
    def parameters(self):
        return []

    def forward(self, x):
        return x

    def backward(self, dy):
        return dy, []


def layer_of(entry, inputs, rng):
    kind, values = entry["opt_type"], entry["opt_params"]
    if kind == "dense":
        return Dense(inputs, int(values["units"]), values["activation"], rng), int(values["units"])
    if kind == "pooling":
        return Pooling(int(values["size"])), max(1, inputs // int(values["size"]))
    if kind == "identity":
        return Identity(), inputs
    raise ValueError(f"unknown operation {kind}; there are dense, pooling and identity")


class Network:
    def __init__(self, architecture, config, rng):
        widths = [math.prod(config["input_sizes"])]
        self.sources, self.layers = [], []
        for number, (operation, *bits) in enumerate(architecture):
            sources = [number] + [i for i, bit in enumerate(bits) if bit]
            layer, width = layer_of(config["embedding"][str(operation)], sum(widths[i] for i in sources), rng)
            self.sources.append(sources)
            self.layers.append(layer)
            widths.append(width)
        self.head = Dense(widths[-1], config["output_sizes"][-1], "none", rng)
        self.widths = widths

    def parameters(self):
        return [p for layer in [*self.layers, self.head] for p in layer.parameters()]

    def forward(self, x):
        outputs = [x]
        for sources, layer in zip(self.sources, self.layers):
            outputs.append(layer.forward(numpy.concatenate([outputs[i] for i in sources], axis=1)))
        logits = self.head.forward(outputs[-1])
        shifted = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)

    def gradient(self, probabilities, labels):
        """Of the mean cross-entropy, in the order of parameters()."""
        error = probabilities.copy()
        error[numpy.arange(len(labels)), labels] -= 1
        back, of_head = self.head.backward(error / len(labels))
        by_output = [0.0] * len(self.layers) + [back]
        by_layer = []
        for number in range(len(self.layers) - 1, -1, -1):
            back, own = self.layers[number].backward(by_output[number + 1])
            by_layer.insert(0, own)
            start = 0
            for source in self.sources[number]:
                by_output[source] = by_output[source] + back[:, start:start + self.widths[source]]
                start += self.widths[source]
        return [g for own in by_layer for g in own] + of_head


def train(architecture, config, epochs, seed=0, rows=TRAINING_ROWS):
    """Accuracy and loss on the held-out rows after each epoch."""
    digits = load_digits()
    images, labels = digits.data / 16.0, digits.target
    rng = numpy.random.default_rng(seed)
    network = Network(architecture, config, rng)
    parameters = network.parameters()
    means, squares = [numpy.zeros_like(p) for p in parameters], [numpy.zeros_like(p) for p in parameters]
    step = 0
    for _ in range(epochs):
        order = rng.permutation(rows)
        for begin in range(0, rows, BATCH):
            batch = order[begin:begin + BATCH]
            step += 1
            for p, m, s, g in zip(parameters, means, squares,
                                  network.gradient(network.forward(images[batch]), labels[batch])):
                m += (1 - MEAN_DECAY) * (g - m)
                s += (1 - SQUARE_DECAY) * (g * g - s)
                p -= RATE * m / (1 - MEAN_DECAY**step) / (numpy.sqrt(s / (1 - SQUARE_DECAY**step)) + 1e-8)
        found = network.forward(images[rows:])
        right = found[numpy.arange(len(found)), labels[rows:]]
        yield float((found.argmax(axis=1) == labels[rows:]).mean()), float(-numpy.log(numpy.maximum(right, 1e-12)).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--architecture", required=True, type=read)
    parser.add_argument("--nn-config", required=True, type=read)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for epoch, (accuracy, loss) in enumerate(train(args.architecture, args.nn_config, args.epochs, args.seed), 1):
        print(f"epoch={epoch} accuracy={accuracy:.4f} loss={loss:.4f}", flush=True)


if __name__ == "__main__":
    main()
