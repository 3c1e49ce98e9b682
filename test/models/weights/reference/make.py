"""Makes the files of this folder: small models of PyTorch with random weights, as safetensors, and what they predict.

    python3 make.py        # PyTorch 1.13 made those that are here
"""
import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).parent
SIZE, LENGTH, WIDTH, UNITS, CLASSES, ROWS = 20, 9, 8, 6, 3, 5


def save(name, module):
    """The safetensors format: eight bytes of header length, a JSON header, the data."""
    header, data = {}, b""
    for key, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        values = tensor.detach().contiguous().float().numpy().tobytes()
        header[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.embed = nn.Embedding(SIZE, WIDTH)
        self.rnn = kind(WIDTH, UNITS, batch_first=True, **options)
        self.fc = nn.Linear(UNITS * (2 if options.get("bidirectional") else 1), CLASSES)

    def forward(self, ids):
        output, state = self.rnn(self.embed(ids))
        last = state[0] if isinstance(state, tuple) else state
        if self.rnn.bidirectional:
            return self.fc(torch.cat([last[-2], last[-1]], 1))
        return self.fc(last[-1])


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SIZE, WIDTH)
        self.conv = nn.Conv1d(WIDTH, UNITS, 3, padding=1)
        self.fc = nn.Linear(UNITS, CLASSES)

    def forward(self, ids):
        x = torch.relu(self.conv(self.embed(ids).transpose(1, 2)))
        return self.fc(x.mean(2))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SIZE, WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)
        self.norm = nn.LayerNorm(WIDTH)
        self.fc = nn.Linear(WIDTH, CLASSES)

    def forward(self, ids):
        x = self.embed(ids)
        x, _ = self.attention(x, x, x, need_weights=False)
        return self.fc(self.norm(x).mean(1))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SIZE, WIDTH)
        self.encoder = nn.TransformerEncoderLayer(WIDTH, 2, 12, batch_first=True, norm_first=True)
        self.fc = nn.Linear(WIDTH, CLASSES)

    def forward(self, ids):
        return self.fc(self.encoder(self.embed(ids)).mean(1))


class Convolution2d(nn.Module):
    """Over the embedded sequence as a picture with one channel."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(SIZE, WIDTH)
        self.conv = nn.Conv2d(1, 4, (3, 2))
        self.depthwise = nn.Conv2d(4, 8, (2, 3), groups=4)
        self.norm = nn.BatchNorm1d(8)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, ids):
        x = torch.tanh(self.conv(self.embed(ids).unsqueeze(1)))
        x = torch.tanh(self.depthwise(x))
        return self.fc(self.norm(x.mean((2, 3))))


def main():
    torch.manual_seed(3)
    ids = torch.randint(1, SIZE, (ROWS, LENGTH))
    models = {
        "lstm": Recurrent(nn.LSTM),
        "lstm-two-layers": Recurrent(nn.LSTM, num_layers=2),
        "lstm-bidirectional": Recurrent(nn.LSTM, bidirectional=True),
        "gru": Recurrent(nn.GRU),
        "gru-bidirectional": Recurrent(nn.GRU, bidirectional=True),
        "rnn": Recurrent(nn.RNN),
        "conv": Convolution(),
        "conv2d": Convolution2d(),
        "attention": Attention(),
        "transformer": Transformer(),
    }
    expected = {}
    for name, model in models.items():
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn_like(parameter) * 0.5)
            for key, buffer in model.named_buffers():
                if buffer.is_floating_point():
                    buffer.copy_(torch.rand_like(buffer) + 0.5)
            model.eval()
            expected[name] = torch.softmax(model(ids), 1).double().flatten().tolist()
        save(name, model)
    sizes = {"size": SIZE, "length": LENGTH, "rows": ROWS, "classes": CLASSES}
    text = json.dumps({**sizes, "ids": ids.flatten().tolist(), "probabilities": expected}, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n")
    print(f"PyTorch {torch.__version__}", file=sys.stderr)


main()
