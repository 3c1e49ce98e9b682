"""Peer: PyTorch on the CPU, one training step and one inference batch of Embedding -> Conv1d, ReLU -> maximum over time -> Linear.

usage: torch_conv.py BATCH TIME VOCAB EMBEDDING FILTERS KERNEL CLASSES [--seconds 5]
Tries 1 and 2 threads and prints the better of the two: {"train_ms", "infer_ms", "threads", ...} as one JSON line.
"""
import argparse
import torch
from measure import compare

a = argparse.ArgumentParser()
for name in ("batch", "time", "vocab", "embedding", "filters", "kernel", "classes"):
    a.add_argument(name, type=int)
a.add_argument("--seconds", type=float, default=5.0)
o = a.parse_args()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.e = torch.nn.Embedding(o.vocab, o.embedding)
        self.c = torch.nn.Conv1d(o.embedding, o.filters, o.kernel)
        self.d = torch.nn.Linear(o.filters, o.classes)

    def forward(self, x):
        y = torch.relu(self.c(self.e(x).transpose(1, 2)))
        return self.d(y.max(2).values)


compare(Net, o)
