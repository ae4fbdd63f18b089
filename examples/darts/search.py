"""A small differentiable architecture search with NumPy, on scikit-learn's handwritten digits.

The network is a chain of layers. Each layer mixes all operations, weighed by a softmax of its architecture parameters
(alpha), adds the image to the mixture and goes through a dense layer. In turn, a step on training rows changes the weights,
and a step on validation rows the alphas (first-order DARTS). At the end each layer keeps its strongest operation:

    Best-Genotype=Genotype(layers=['average_3x3', 'skip_connection', ...])
"""

import argparse
import json
import re

import numpy
from sklearn.datasets import load_digits

SIDE, BATCH = 8, 64


def read(text):
    """The assignments are JSON in which every double quote is a single one."""
    return json.loads(text.replace("'", '"'))


def window_matrix(size):
    """Each pixel to the mean of a window of size x size that begins there, as a 64 x 64 matrix."""
    matrix = numpy.zeros((SIDE * SIDE, SIDE * SIDE))
    for row in range(SIDE):
        for column in range(SIDE):
            cells = [r * SIDE + c for r in range(row, min(SIDE, row + size)) for c in range(column, min(SIDE, column + size))]
            matrix[cells, row * SIDE + column] = 1 / len(cells)
    return matrix


class Maximum:
    """Of a window of size x size."""

    def __init__(self, size):
        matrix = window_matrix(size)
        most = int((matrix > 0).sum(axis=0).max())
        cells = [numpy.flatnonzero(matrix[:, pixel]) for pixel in range(SIDE * SIDE)]
        self.cells = numpy.array([numpy.resize(c, most) for c in cells])

    def forward(self, x):
        taken = x[:, self.cells]
        self.chosen = numpy.take_along_axis(numpy.broadcast_to(self.cells, taken.shape),
                                            taken.argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
        return taken.max(axis=2)

    def backward(self, dy):
        dx = numpy.zeros_like(dy)
        numpy.add.at(dx, (numpy.arange(len(dy))[:, None], self.chosen), dy)
        return dx


class Average:
    def __init__(self, size):
        self.matrix = window_matrix(size)

    def forward(self, x):
        return x @ self.matrix

    def backward(self, dy):
        return dy @ self.matrix.T


class Skip:
    def forward(self, x):
        return x

    def backward(self, dy):
        return dy


def operation_of(primitive):
    if primitive == "skip_connection":
        return Skip()
    found = re.fullmatch(r"(maximum|average)_(\d+)x\2", primitive)
    if not found:
        raise SystemExit(f"unknown operation {primitive}; there are maximum_NxN, average_NxN and skip_connection")
    return {"maximum": Maximum, "average": Average}[found.group(1)](int(found.group(2)))


def softmax(z):
    shifted = numpy.exp(z - z.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


class Supernet:
    def __init__(self, primitives, layers, rng):
        self.operations = [[operation_of(p) for p in primitives] for _ in range(layers)]
        self.alphas = 1e-3 * rng.normal(size=(layers, len(primitives)))
        pixels = SIDE * SIDE
        self.weights = [rng.normal(0, pixels**-0.5, (pixels, pixels)) for _ in range(layers)]
        self.weights.append(rng.normal(0, pixels**-0.5, (pixels, 10)))

    def forward(self, image):
        self.trace, x = [], image
        for operations, alpha, weights in zip(self.operations, self.alphas, self.weights):
            share = softmax(alpha)
            outputs = [operation.forward(x) for operation in operations]
            mixed = sum(s * y for s, y in zip(share, outputs)) + image
            x = numpy.tanh(mixed @ weights)
            self.trace.append((share, outputs, mixed, x))
        return softmax(x @ self.weights[-1])

    def backward(self, probabilities, labels):
        """Gradients of the mean cross-entropy by the weights and by the alphas."""
        error = probabilities.copy()
        error[numpy.arange(len(labels)), labels] -= 1
        error /= len(labels)
        by_weights = [self.trace[-1][3].T @ error]
        by_alphas = numpy.zeros_like(self.alphas)
        back = error @ self.weights[-1].T
        for layer in range(len(self.alphas) - 1, -1, -1):
            share, outputs, mixed, x = self.trace[layer]
            by_sum = back * (1 - x**2)
            by_weights.insert(0, mixed.T @ by_sum)
            by_mixed = by_sum @ self.weights[layer].T
            by_share = numpy.array([(by_mixed * y).sum() for y in outputs])
            by_alphas[layer] = share * (by_share - share @ by_share)
            back = sum(s * operation.backward(by_mixed) for s, operation in zip(share, self.operations[layer]))
        return by_weights, by_alphas


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--algorithm-settings", required=True, type=read)
    parser.add_argument("--search-space", required=True, type=read)
    parser.add_argument("--num-layers", required=True, type=int)
    args = parser.parse_args()
    settings = args.algorithm_settings
    epochs, rate, least = int(settings["num_epochs"]), float(settings["w_lr"]), float(settings["w_lr_min"])
    clip = float(settings["w_grad_clip"])
    batch = BATCH if settings["batch_size"] is None else int(settings["batch_size"])

    digits = load_digits()
    images, labels = digits.data / 16, digits.target
    rng = numpy.random.default_rng(0)
    order = rng.permutation(len(images))
    training, validation, test = order[:700], order[700:1400], order[1400:]
    net = Supernet(args.search_space, args.num_layers, rng)
    velocity = [numpy.zeros_like(w) for w in net.weights]
    for epoch in range(epochs):
        step = least + (rate - least) * (1 + numpy.cos(numpy.pi * epoch / epochs)) / 2
        for begin in range(0, len(training), batch):
            rows = validation[rng.permutation(len(validation))[:batch]]
            by_alphas = net.backward(net.forward(images[rows]), labels[rows])[1]
            by_alphas = numpy.sign(by_alphas) + float(settings["alpha_weight_decay"]) * net.alphas  # their sizes differ much
            net.alphas -= float(settings["alpha_lr"]) * by_alphas
            rows = training[begin:begin + batch]
            by_weights = net.backward(net.forward(images[rows]), labels[rows])[0]
            for w, v, g in zip(net.weights, velocity, by_weights):
                v *= float(settings["w_momentum"])
                v -= step * (numpy.clip(g, -clip, clip) + float(settings["w_weight_decay"]) * w)
                w += v
        accuracy = (net.forward(images[test]).argmax(axis=1) == labels[test]).mean()
        print(f"epoch={epoch + 1} accuracy={accuracy:.4f}", flush=True)
    kept = [args.search_space[i] for i in net.alphas.argmax(axis=1)]
    print(f"Best-Genotype=Genotype(layers={kept})", flush=True)


if __name__ == "__main__":
    main()
