"""Peer: PyTorch on the CPU, one training step and one inference batch of Embedding -> Conv1d, ReLU -> maximum over time -> Linear.

usage: torch_conv.py BATCH TIME VOCAB EMBEDDING FILTERS KERNEL CLASSES [--seconds 5]
Tries 1 and 2 threads and prints the better of the two: {"train_ms", "infer_ms", "threads", ...} as one JSON line.
"""
import argparse, json, time
import torch

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
        opt.zero_grad()
        loss(net(x), y).backward()
        opt.step()

    def infer():
        with torch.no_grad():
            net(x)

    row = {"peer": "torch " + torch.__version__, "threads": threads,
           "train_ms": median_ms(train, o.seconds / 3), "infer_ms": median_ms(infer, o.seconds / 6)}
    if best is None or row["train_ms"] < best["train_ms"]:
        best = row
print(json.dumps(best))
