"""Peer: PyTorch on the CPU, one training step and one inference batch of a transformer encoder that classifies sequences.

usage: torch_transformer.py BATCH TIME VOCAB WIDTH HEADS FEED_FORWARD LAYERS CLASSES [--seconds 5]
Embedding and learned positions, normalisation before each half, relu, no dropout, mean over time. Tries 1 and 2 threads and prints
the better of the two: {"train_ms", "infer_ms", "threads", ...} as one JSON line.
"""
import argparse, json, time
import torch

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


def median_ms(f, seconds):
    for _ in range(3):
        f()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        t = time.perf_counter()
        f()
        times.append(time.perf_counter() - t)
    times.sort()
    return times[len(times) // 2] * 1e3


best = None
for threads in (1, 2):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = Net()
    opt = torch.optim.Adam(net.parameters())
    loss = torch.nn.CrossEntropyLoss()
    x = torch.randint(0, o.vocab, (o.batch, o.time))
    y = torch.randint(0, o.classes, (o.batch,))

    def train():
        net.train()
        opt.zero_grad()
        loss(net(x), y).backward()
        opt.step()

    def infer():
        net.eval()
        with torch.no_grad():
            net(x)

    row = {"peer": "torch " + torch.__version__, "threads": threads,
           "train_ms": median_ms(train, o.seconds / 3), "infer_ms": median_ms(infer, o.seconds / 6)}
    if best is None or row["train_ms"] < best["train_ms"]:
        best = row
print(json.dumps(best))
