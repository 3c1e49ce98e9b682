"""Writes optimizers.json: weights after some steps of PyTorch's optimizers with fixed gradients.

Run with PyTorch 1.13 or later: python3 test/models/ops/reference/optimizers.py > test/models/ops/reference/optimizers.json
Epsilon is so small that it does not matter where in the formula it stands, which is where PyTorch and Keras differ.
"""
import json

import torch

torch.manual_seed(0)
SIZE, STEPS, TINY = 6, 12, 1e-12
START = torch.randn(SIZE, dtype=torch.float64)
GRADIENTS = torch.randn(STEPS, SIZE, dtype=torch.float64)

OPTIMIZERS = {
    "sgd": lambda w: torch.optim.SGD(w, lr=0.1),
    "sgd with momentum": lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.9),
    "sgd with Nesterov's momentum": lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda w: torch.optim.RMSprop(w, lr=0.01, alpha=0.9, eps=TINY),
    "rmsprop, centered, with momentum": lambda w: torch.optim.RMSprop(
        w, lr=0.01, alpha=0.8, eps=TINY, momentum=0.5, centered=True
    ),
    "adam": lambda w: torch.optim.Adam(w, lr=0.01, eps=TINY),
    "adamw": lambda w: torch.optim.AdamW(w, lr=0.01, eps=TINY, weight_decay=0.1),
    "adagrad": lambda w: torch.optim.Adagrad(w, lr=0.1, initial_accumulator_value=0.1, eps=TINY),
}


def weights_after(make):
    weights = torch.nn.Parameter(START.clone())
    optimizer = make([weights])
    for gradient in GRADIENTS:
        weights.grad = gradient.clone()
        optimizer.step()
    return [round(value, 8) for value in weights.tolist()]


def nadam(rate=0.01, b1=0.9, b2=0.999):
    """Keras' formula, written out: PyTorch 1.13 counts one factor of its product of momenta twice."""
    weights = []
    for i, w in enumerate(START.tolist()):
        m = v = 0.0
        product = 1.0
        for t, row in enumerate(GRADIENTS.tolist(), 1):
            now, ahead = b1 * (1 - 0.5 * 0.96**t), b1 * (1 - 0.5 * 0.96 ** (t + 1))
            product *= now
            m = b1 * m + (1 - b1) * row[i]
            v = b2 * v + (1 - b2) * row[i] ** 2
            mean = ahead * m / (1 - product * ahead) + (1 - now) * row[i] / (1 - product)
            w -= rate * mean / ((v / (1 - b2**t)) ** 0.5 + TINY)
        weights.append(round(w, 8))
    return weights


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "start": START.tolist(),
            "gradients": GRADIENTS.tolist(),
            "weights": {name: weights_after(make) for name, make in OPTIMIZERS.items()}
            | {"nadam": nadam()},
        },
        indent=1,
    )
)
