"""SASRec in the form of RecBole on torch.nn.TransformerEncoder, trained to the end on a split that is handed over: what the
quality of another implementation is on the same data, from the same rows of items.

python sequenceQuality.py FOLDER SEED: reads settings.json, items.f32, and sequences as rowPtr.i32 and colIdx.i32 (items of
each user in order, the last two held out for validation and test), and writes ranks.i32, one of each user's test item, 0 for
users without one. Prints a line of JSON. The state is kept in state.pt after every epoch, so that a run that was stopped goes
on; the file is removed at the end."""

import json
import os
import sys
import time

import numpy as np
import torch

folder, seed = sys.argv[1], int(sys.argv[2])
settings = json.load(open(folder + "/settings.json"))
torch.manual_seed(seed)
torch.set_num_threads(1)
dim, heads, blocks, dropout = (settings[name] for name in ("dim", "heads", "blocks", "dropout"))
max_length, batch_size, rate = (settings[name] for name in ("maxLength", "batchSize", "learningRate"))
read = lambda name, dtype: np.fromfile(folder + "/" + name, dtype)  # noqa: E731
start = torch.from_numpy(read("items.f32", np.float32).reshape(-1, dim))
row_ptr, col_idx = read("rowPtr.i32", np.int32), read("colIdx.i32", np.int32)
users = [col_idx[row_ptr[u] : row_ptr[u + 1]] for u in range(len(row_ptr) - 1)]
users = [(n, items) for n, items in enumerate(users) if len(items) >= 3]
K = 10


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.items = torch.nn.Parameter(start.clone())
        self.positions = torch.nn.Parameter(torch.empty(max_length, dim))
        self.norm = torch.nn.LayerNorm(dim, eps=1e-12)
        self.dropout = torch.nn.Dropout(dropout)
        layer = torch.nn.TransformerEncoderLayer(
            dim, heads, 4 * dim, dropout, "gelu", 1e-12, batch_first=True
        )
        self.encoder = torch.nn.TransformerEncoder(layer, blocks, enable_nested_tensor=False)
        # RecBole's initializer_range; biases 0.
        for name, parameter in self.named_parameters():
            if name == "items" or "norm" in name:
                continue
            if parameter.dim() == 1:
                torch.nn.init.zeros_(parameter)
            else:
                torch.nn.init.normal_(parameter, std=0.02)

    def forward(self, inputs, padding):
        length = inputs.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool).triu(1)
        x = self.dropout(self.norm(self.items[inputs] + self.positions[:length]))
        return self.encoder(x, mask=mask, src_key_padding_mask=padding)


def padded(sequences):
    """Rows with zeros behind their ends, and where those are."""
    longest = max(len(items) for items in sequences)
    rows = torch.zeros(len(sequences), longest, dtype=torch.long)
    padding = torch.ones(len(sequences), longest, dtype=torch.bool)
    for n, items in enumerate(sequences):
        rows[n, : len(items)] = torch.from_numpy(items.astype(np.int64))
        padding[n, : len(items)] = False
    return rows, padding


def ranks(model, held):
    """Rank of the item `held` places from the end among those that its user does not have before it."""
    found = []
    model.eval()
    with torch.inference_mode():
        for begin in range(0, len(users), 256):
            some = [items[: len(items) - held] for _, items in users[begin : begin + 256]]
            rows, padding = padded([items[-max_length:] for items in some])
            lengths = (~padding).sum(1)
            hidden = model(rows, padding)[torch.arange(len(some)), lengths - 1]
            scores = hidden @ model.items.T
            for n, items in enumerate(some):
                target = users[begin + n][1][len(items)]
                score = scores[n, target].item()
                scores[n, torch.from_numpy(items.astype(np.int64))] = -torch.inf
                found.append(int((scores[n] > score).sum()) + 1)
    return np.array(found)


def ndcg(found):
    return float(np.where(found <= K, 1 / np.log2(found + 1), 0).mean())


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=rate)
generator = torch.Generator().manual_seed(seed)
learned = [items[-max_length - 3 : -2] for _, items in users if len(items) >= 4]
progress = {"best": -1.0, "best_epoch": 0, "kept": None, "seconds": 0.0, "epoch": 0}
state = folder + "/state.pt"
if os.path.exists(state):
    before = torch.load(state)
    if before["settings"] == settings and before["seed"] == seed:
        progress = before["progress"]
        model.load_state_dict(before["model"])
        optimizer.load_state_dict(before["optimizer"])
        generator.set_state(before["generator"])
        torch.set_rng_state(before["random"])
while progress["epoch"] < settings["epochs"]:
    began = time.process_time()
    model.train()
    order = torch.randperm(len(learned), generator=generator).tolist()
    for begin in range(0, len(order), batch_size):
        rows, padding = padded([learned[n] for n in order[begin : begin + batch_size]])
        inputs, targets, known = rows[:, :-1], rows[:, 1:], ~padding[:, 1:]
        hidden = model(inputs, ~known)[known]
        loss = torch.nn.functional.cross_entropy(hidden @ model.items.T, targets[known])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    valid = ndcg(ranks(model, 2))
    progress["epoch"] += 1
    if valid > progress["best"]:
        kept = {name: value.clone() for name, value in model.state_dict().items()}
        progress.update(best=valid, best_epoch=progress["epoch"], kept=kept)
    progress["seconds"] += time.process_time() - began
    torch.save(
        {
            "settings": settings, "seed": seed, "progress": progress, "model": model.state_dict(),
            "optimizer": optimizer.state_dict(), "generator": generator.get_state(),
            "random": torch.get_rng_state(),
        },
        state + ".part",
    )  # fmt: skip
    os.replace(state + ".part", state)
    if progress["epoch"] - progress["best_epoch"] > settings["patience"]:
        break
model.load_state_dict(progress["kept"])
found = np.zeros(len(row_ptr) - 1, np.int32)
found[[n for n, _ in users]] = ranks(model, 1)
found.tofile(folder + "/ranks.i32")
os.remove(state)
named = {"valid": "best", "epochs": "epoch", "bestEpoch": "best_epoch", "seconds": "seconds"}
print(json.dumps({"torch": torch.__version__, **{name: progress[key] for name, key in named.items()}}))
