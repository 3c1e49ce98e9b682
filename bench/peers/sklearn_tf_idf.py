"""What scikit-learn takes for tf-idf of the lines of a file: from strings, and from lists of tokens."""
import argparse, json, time
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer


def seconds(f, runs):
    f()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("file")
    options.add_argument("--runs", type=int, default=5)
    o = options.parse_args()
    with open(o.file, encoding="utf-8", newline="\n") as f:
        lines = f.read().rstrip("\n").split("\n")
    tokens = [line.lower().split() for line in lines]

    def weigh(documents, **settings):
        return TfidfTransformer().fit_transform(CountVectorizer(**settings).fit_transform(documents))

    print(json.dumps({
        "strings": seconds(lambda: weigh(lines, tokenizer=str.split, token_pattern=None), o.runs),
        "tokens": seconds(lambda: weigh(tokens, analyzer=lambda words: words), o.runs),
    }))


main()
