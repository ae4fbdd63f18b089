"""Trains a character n-gram language model on a text and writes its perplexity on held-out parts as JSON lines.

One line per fold goes to the metrics file, {"timestamp": ..., "fold": ..., "perplexity": ...}; what is printed is for people.
Metrics of the last line are those of all folds together.
"""

import argparse
import collections
import json
import math
import time

FOLDS = 5


class Model:
    """Interpolated n-grams: each order is smoothed with the next shorter one by absolute discounting."""

    def __init__(self, text, order, discount):
        self.order, self.discount = order, discount
        self.alphabet = len(set(text)) + 1
        self.counts = [collections.defaultdict(collections.Counter) for _ in range(order)]
        for n, table in enumerate(self.counts):
            for i in range(n, len(text)):
                table[text[i - n:i]][text[i]] += 1

    def probability(self, context, character):
        p = 1.0 / self.alphabet
        for n, table in enumerate(self.counts):
            seen = table.get(context[len(context) - n:])
            if n > len(context) or not seen:
                break
            total = sum(seen.values())
            p = (max(seen[character] - self.discount, 0.0) + self.discount * len(seen) * p) / total
        return p

    def log_loss(self, text):
        """Sum of -log p over the text, in nats."""
        return -sum(math.log(self.probability(text[max(0, i - self.order + 1):i], text[i])) for i in range(len(text)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--order", type=int, default=3, help="characters looked at, the predicted one included")
    parser.add_argument("--discount", type=float, default=0.5, help="taken from each count; in (0, 1)")
    parser.add_argument("--metrics-file", required=True, help="JSON lines are appended to it")
    parser.add_argument("text", help="file to learn")
    args = parser.parse_args()

    with open(args.text, encoding="utf-8") as source:
        text = source.read()
    loss = characters = 0
    with open(args.metrics_file, "a", encoding="utf-8") as metrics:
        for fold in range(FOLDS):
            begin, end = fold * len(text) // FOLDS, (fold + 1) * len(text) // FOLDS
            loss += Model(text[:begin] + text[end:], args.order, args.discount).log_loss(text[begin:end])
            characters += end - begin
            line = {"timestamp": time.time(), "fold": fold, "perplexity": math.exp(loss / characters)}
            metrics.write(json.dumps(line) + "\n")
            metrics.flush()
            print(f"fold {fold}: perplexity so far {line['perplexity']:.3f}")


if __name__ == "__main__":
    main()
