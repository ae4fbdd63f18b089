"""Trains a small neural network on scikit-learn's handwritten digits; prints its accuracy and how many weights it has.

A third of the images is left out of the training and measures the accuracy. The data (1,797 images of 8 x 8 pixels) comes with scikit-learn; nothing is
downloaded.
"""

import argparse
import sys
import warnings

try:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    sys.exit(f"{error}: {sys.executable} has no scikit-learn. On Debian: apt-get install python3-sklearn, "
             "and run this with /usr/bin/python3.")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learning-rate", type=float, default=1e-2)
    parser.add_argument("--units", type=int, default=32, help="units in each hidden layer")
    parser.add_argument("--layers", type=int, default=1, help="number of hidden layers")
    parser.add_argument("--pixels", type=int, default=64, help="how many of the 64 pixels are looked at: the most varied ones")
    return parser.parse_args()


def weights(sizes):
    return sum((inputs + 1) * outputs for inputs, outputs in zip(sizes, sizes[1:]))


def main():
    args = parse_arguments()
    warnings.filterwarnings("ignore")  # that it has not converged after so few epochs
    images, labels = load_digits(return_X_y=True)
    most_varied = images.var(axis=0).argsort()[::-1][: args.pixels]
    hidden = (args.units,) * args.layers
    network = MLPClassifier(hidden_layer_sizes=hidden, learning_rate_init=args.learning_rate, max_iter=12, random_state=0)
    train, test, train_labels, test_labels = train_test_split(images[:, most_varied], labels, test_size=1 / 3, stratify=labels,
                                                              random_state=0)
    accuracy = make_pipeline(StandardScaler(), network).fit(train, train_labels).score(test, test_labels)
    print(f"accuracy={accuracy:.4f} weights={weights((args.pixels, *hidden, 10))}")


if __name__ == "__main__":
    main()
