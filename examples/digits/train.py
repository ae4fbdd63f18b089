"""Trains a small neural network on scikit-learn's handwritten digits and prints its accuracy after every epoch.

The figure is the mean over five stratified folds, so that a lucky split does not win. The data (1,797 images of
8 x 8 pixels) comes with scikit-learn; nothing is downloaded.
"""

import argparse
import sys
import warnings

try:
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import StratifiedKFold
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    sys.exit(f"{error}: {sys.executable} has no scikit-learn. On Debian: apt-get install python3-sklearn, "
             "and run this with /usr/bin/python3.")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--alpha", type=float, default=1e-4, help="L2 penalty")
    parser.add_argument("--hidden-units", type=int, default=64, help="units in each hidden layer")
    parser.add_argument("--layers", type=int, default=1, help="number of hidden layers")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument("--epochs", type=int, default=20)
    return parser.parse_args()


class Fold:
    """One split of the data with the network that is trained on it."""

    def __init__(self, args, images, labels, train, test):
        scaler = StandardScaler().fit(images[train])
        self.train_images, self.train_labels = scaler.transform(images[train]), labels[train]
        self.test_images, self.test_labels = scaler.transform(images[test]), labels[test]
        self.classes = np.unique(labels)
        self.network = MLPClassifier(hidden_layer_sizes=(args.hidden_units,) * args.layers, solver=args.optimizer,
                                     learning_rate_init=args.learning_rate, alpha=args.alpha,
                                     batch_size=args.batch_size, random_state=0)

    def epoch(self):
        self.network.partial_fit(self.train_images, self.train_labels, classes=self.classes)
        return self.network.score(self.test_images, self.test_labels), self.network.loss_


def main():
    args = parse_arguments()
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # overflows of a diverging network
    images, labels = load_digits(return_X_y=True)
    splitter = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    folds = [Fold(args, images, labels, train, test) for train, test in splitter.split(images, labels)]
    for epoch in range(1, args.epochs + 1):
        try:
            accuracy, loss = np.mean([fold.epoch() for fold in folds], axis=0)
        except ValueError as error:  # weights that are no longer finite: what was reached so far counts
            print(f"training diverged in epoch {epoch}: {error}", file=sys.stderr)
            break
        print(f"epoch={epoch} loss={loss:.4f} accuracy={accuracy:.4f}", flush=True)


if __name__ == "__main__":
    main()
