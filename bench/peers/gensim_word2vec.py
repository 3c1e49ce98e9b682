"""What gensim's skip-gram takes for the lines of a file, tokens between spaces."""
import argparse, json, time
from gensim.models import Word2Vec


def main():
    options = argparse.ArgumentParser()
    options.add_argument("file")
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    o = options.parse_args()
    with open(o.file, encoding="utf-8", newline="\n") as f:
        sentences = [line.split() for line in f]
    model = Word2Vec(vector_size=100, window=5, negative=5, min_count=5, sample=1e-3, sg=1, workers=o.workers, seed=o.seed)
    start = time.perf_counter()
    model.build_vocab(sentences)
    model.train(sentences, total_examples=model.corpus_count, epochs=o.epochs)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds}))


main()
