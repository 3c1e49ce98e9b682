"""Peer: PyTorch on the CPU, one training step and one inference batch of a transformer encoder that classifies sequences.

usage: torch_transformer.py BATCH TIME VOCAB WIDTH HEADS FEED_FORWARD LAYERS CLASSES [--seconds 5]
Embedding and learned positions, normalisation before each half, relu, no dropout, mean over time. Tries 1 and 2 threads and prints
the better of the two: {"train_ms", "infer_ms", "threads", ...} as one JSON line.
"""
import argparse
import torch
from measure import compare

a = argparse.ArgumentParser()
for name in ("batch", "time", "vocab", "width", "heads", "feed_forward", "layers", "classes"):
    a.add_argument(name, type=int)
a.add_argument("--seconds", type=float, default=5.0)
o = a.parse_args()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.e = torch.nn.Embedding(o.vocab, o.width)
        self.p = torch.nn.Parameter(torch.zeros(o.time, o.width))
        block = torch.nn.TransformerEncoderLayer(
            o.width, o.heads, o.feed_forward, dropout=0.0, batch_first=True, norm_first=True)
        self.t = torch.nn.TransformerEncoder(block, o.layers, norm=torch.nn.LayerNorm(o.width))
        self.d = torch.nn.Linear(o.width, o.classes)

    def forward(self, x):
        return self.d(self.t(self.e(x) + self.p).mean(1))


compare(Net, o)
