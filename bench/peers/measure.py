"""What the peers of PyTorch share: one training step and one inference batch of a classifier of ids, on 1 and on 2 threads."""
import json, time
import torch


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


def compare(make, o):
    """Prints the better of 1 and 2 threads: {"train_ms", "infer_ms", "threads", ...} as one JSON line."""
    best = None
    for threads in (1, 2):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        net = make()
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
