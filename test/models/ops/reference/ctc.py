"""Writes ctc.json: cases of the CTC loss with the losses and gradients of torch.nn.functional.ctc_loss.

Run with PyTorch 1.13 or later: python3 test/models/ops/reference/ctc.py > test/models/ops/reference/ctc.json
Gradients are by the logits, of the sum of the losses. Numbers that are not finite are written as strings.
"""
import json
import math

import torch

torch.manual_seed(0)


def number(value):
    if math.isfinite(value):
        return round(value, 6)
    return "NaN" if math.isnan(value) else "Infinity"


def case(name, time, classes, labels, input_lengths, blank=0, zero_infinity=False, scale=2.0):
    batch, most = len(labels), max(max(len(row) for row in labels), 1)
    logits = (torch.randn(batch, time, classes) * scale * 64).round() / 64
    logits.requires_grad_()
    other = 1 if blank == 0 else 0
    padded = torch.tensor([row + [other] * (most - len(row)) for row in labels], dtype=torch.long)
    losses = torch.nn.functional.ctc_loss(
        torch.log_softmax(logits, 2).transpose(0, 1),
        padded,
        torch.tensor(input_lengths),
        torch.tensor([len(row) for row in labels]),
        blank=blank,
        reduction="none",
        zero_infinity=zero_infinity,
    )
    losses.sum().backward()
    return {
        "name": name,
        "shape": [batch, time, classes],
        "logits": logits.detach().flatten().tolist(),
        "labels": padded.flatten().tolist(),
        "labelLengths": [len(row) for row in labels],
        "inputLengths": input_lengths,
        "blank": blank,
        "zeroInfinity": zero_infinity,
        "losses": [number(value) for value in losses.tolist()],
        "gradient": [number(value) for value in logits.grad.flatten().tolist()],
    }


def drawn(count, classes, seed):
    state = torch.Generator().manual_seed(seed)
    return torch.randint(1, classes, (count,), generator=state).tolist()


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "cases": [
                case("one row", 5, 4, [[1, 2]], [5]),
                case("equal neighbours need a blank between", 6, 3, [[1, 1, 2], [2, 2, 2]], [6, 6]),
                case("rows of other lengths", 9, 5, [[1, 2, 3], [4], [2, 2]], [9, 4, 6]),
                case("no labels at all", 4, 3, [[], [1]], [4, 3]),
                case("another blank", 7, 4, [[0, 1, 2], [1, 0]], [7, 5], blank=3),
                case("just enough steps", 5, 4, [[1, 1, 2], [1, 2, 3]], [4, 3]),
                case("sure and wrong", 12, 6, [[1, 2, 3, 4]], [12], scale=20.0),
                case("too few steps", 4, 4, [[1, 1, 1], [1, 2]], [4, 4]),
                case("too few steps, taken as zero", 4, 4, [[1, 1, 1], [1, 2]], [4, 4], zero_infinity=True),
                case("a long one", 60, 7, [drawn(18, 7, 1), drawn(25, 7, 2)], [60, 55]),
            ],
        },
        separators=(",", ":"),
    )
)
