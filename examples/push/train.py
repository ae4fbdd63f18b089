"""Fits a linear classifier to scikit-learn's handwritten digits and reports accuracy and loss after every epoch."""

import sys

import qalam
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

EPOCHS = 10


def main():
    learning_rate, alpha = map(float, sys.argv[1:])
    images, labels = load_digits(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(images / 16, labels, random_state=0, stratify=labels)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=learning_rate, alpha=alpha, random_state=0)
    for _ in range(EPOCHS):
        model.partial_fit(train, train_labels, classes=range(10))
        qalam.report_metrics({"accuracy": model.score(test, test_labels),
                              "loss": log_loss(test_labels, model.predict_proba(test))})


if __name__ == "__main__":
    main()
