"""Handwritten digits by one of two models. Every parameter is given; the model looks at its own."""

import argparse
import warnings

from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=["svm", "mlp"], required=True)
parser.add_argument("--C", type=float)
parser.add_argument("--kernel")
parser.add_argument("--gamma", type=float)
parser.add_argument("--degree", type=int)
parser.add_argument("--layers", type=int)
parser.add_argument("--alpha", type=float)
parser.add_argument("--first", type=int)
parser.add_argument("--second", type=int)
args = parser.parse_args()

warnings.simplefilter("ignore", ConvergenceWarning)
digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(
    digits.data / 16, digits.target, train_size=600, test_size=600, random_state=0)
features, classes = x_train.shape[1], 10

if args.model == "svm":
    model = SVC(C=args.C, kernel=args.kernel, gamma=args.gamma, degree=args.degree).fit(x_train, y_train)
    products = features * model.support_vectors_.shape[0]  # one kernel per support vector
else:
    widths = [args.first, args.second][:args.layers]
    model = MLPClassifier(widths, alpha=args.alpha, max_iter=150, random_state=0).fit(x_train, y_train)
    products = sum(a * b for a, b in zip([features, *widths], [*widths, classes]))

print(f"accuracy={model.score(x_test, y_test):.4f}")
print(f"megaflops={2 * products / 1e6:.5f}")
