"""The whole way as a user of Python goes it: pandas, scikit-learn and torch, one thread, by stage.

  python whole.py '{"inter", "minRating", "kCore", "folder", "recipe", "form", "most"}'

`folder` has the split and the initial tables of llminit, which are taken over untimed, so that all ways train on the same.
recipe: "ours" (that of shape.json: dim 128, softmax on cosines over the items of blocks of 512 pairs, patience 1, from the given
tables) or "recbole" (dim 64, batch 2048, BPR, uniform negatives, rate 1e-3, patience 10, from Xavier's numbers: the
defaults of RecBole's LightGCN); "patience", where given, in the place of these. form: "coo" (RecBole's: COO, autograd, a stack of layers) or "csr" (symmetric backward,
running sum, the faster of the forms that we know). Ends after `most` processor seconds. Writes JSON lines: the stages,
then each epoch.
"""

import json
import os
import sys
import time

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[name + "_NUM_THREADS"] = "1"

given = json.loads(sys.argv[1])
stages, last = {}, [0.0, 0.0]
began = time.perf_counter() - time.process_time()


def end(stage):
    """Ends a stage; seconds since the process began."""
    now = [time.process_time(), time.perf_counter() - began]
    before = stages.get(stage, {"processor": 0, "clock": 0})
    stages[stage] = {
        "processor": before["processor"] + now[0] - last[0],
        "clock": before["clock"] + now[1] - last[1],
    }
    last[:] = now
    return {"processor": now[0], "clock": now[1]}


import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.set_num_threads(1)
end("start")


def read():
    path = given["inter"]
    if path.endswith(".txt"):
        with open(path) as file:
            rows = [line.split() for line in file]
        users = np.repeat([row[0] for row in rows], [len(row) - 1 for row in rows])
        return pd.DataFrame({"user": users, "item": [item for row in rows for item in row[1:]]})
    frame = pd.read_csv(path, sep="\t", dtype={"user_id:token": str, "item_id:token": str})
    return frame.rename(columns={"user_id:token": "user", "item_id:token": "item"})


def filtered(frame):
    """Rating and k-core, as RecBole filters, then numbers for ids."""
    if given.get("minRating") is not None:
        frame = frame[frame["rating:float"] >= given["minRating"]]
    frame = frame.drop_duplicates(["user", "item"])
    core = given.get("kCore") or 0
    while core:
        kept = frame[
            (frame.groupby("user").item.transform("size") >= core) & (frame.groupby("item").user.transform("size") >= core)
        ]
        if len(kept) == len(frame):
            break
        frame = kept
    return pd.factorize(frame["user"])[0], pd.factorize(frame["item"])[0]


def vectors(texts):
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    terms = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(texts)
    return TruncatedSVD(min(256, terms.shape[1] - 1), random_state=0).fit_transform(terms)


def graph_pca(rows, train, num_items, dim):
    """Directions of the centred vectors that items of the same people share: what llminit calls graph PCA."""
    import scipy.linalg
    import scipy.sparse

    rows = rows - rows.mean(0)
    user_item = scipy.sparse.csr_matrix((np.ones(len(train[0])), train), shape=(train[0].max() + 1, num_items))
    together = (user_item.T @ user_item).tocsr()
    together.setdiag(0)
    degrees = np.asarray(together.sum(1)).ravel()
    scale = scipy.sparse.diags(1 / np.sqrt(np.maximum(degrees, 1)))
    near = scale @ together @ scale
    size = min(len(rows), num_items)
    moments = rows[:size].T @ (near[:size, :size] @ rows[:size])
    values, directions = scipy.linalg.eigh(moments)
    return rows @ directions[:, ::-1][:, :dim]


frame = read()
texts_file = given["folder"] + "/texts.json"
texts = json.load(open(texts_file)) if os.path.exists(texts_file) else None
end("read")
filtered(frame)
end("filter")
shape = json.load(open(given["folder"] + "/shape.json"))
num_users, num_items = shape["numUsers"], shape["numItems"]


def taken(name):
    return np.fromfile(f"{given['folder']}/{name}.i32", dtype=np.int32).reshape(2, -1).astype(np.int64)


train, valid = taken("train"), taken("valid")
ours = given["recipe"] == "ours"
taken_over = np.fromfile(given["folder"] + "/tables.f32", dtype=np.float32).reshape(num_users + num_items, -1)
end("taken over")
if ours and texts:
    rows = vectors(texts)
    end("vectors")
    graph_pca(rows, train, num_items, 128)
if ours:
    weight = torch.nn.Parameter(torch.from_numpy(taken_over.copy()))
else:
    torch.manual_seed(2020)
    weight = torch.nn.Parameter(torch.empty(num_users + num_items, 64))
    torch.nn.init.xavier_uniform_(weight[:num_users].data)
    torch.nn.init.xavier_uniform_(weight[num_users:].data)
end("initialisation")

recipe = shape["recipe"]
BATCH, RATE, PATIENCE = (
    (recipe["batchSize"], recipe["learningRate"], recipe["patience"]) if ours else (2048, 1e-3, given.get("patience", 10))
)
LAYERS, DECAY, BLOCK = 2, 1e-5, 512
MIN_RISE = recipe["minRise"] / np.sqrt(max(1, valid.shape[1])) if ours else 0.0
nodes = num_users + num_items
sides = torch.from_numpy(np.concatenate([np.stack([train[0], train[1] + num_users]), np.stack([train[1] + num_users, train[0]])], 1))
degrees = torch.bincount(sides[0], minlength=nodes).float()
scale = degrees.clamp(min=1).pow(-0.5)
adjacency = torch.sparse_coo_tensor(sides, scale[sides[0]] * scale[sides[1]], (nodes, nodes)).coalesce()
if given["form"] == "csr":
    adjacency = adjacency.to_sparse_csr()
optimizer = torch.optim.Adam([weight], lr=RATE)


class Propagate(torch.autograd.Function):
    """The adjacency is its own transpose."""

    @staticmethod
    def forward(context, x):
        return adjacency @ x

    @staticmethod
    def backward(context, gradient):
        return adjacency @ gradient


def final():
    if given["form"] == "csr":
        x, total = weight, weight
        for _ in range(LAYERS):
            x = Propagate.apply(x)
            total = total + x
        return total / (LAYERS + 1)
    rows = [weight]
    for _ in range(LAYERS):
        rows.append(torch.sparse.mm(adjacency, rows[-1]))
    return torch.stack(rows, dim=1).mean(dim=1)


def grouped(users):
    """Places in the order in which their users appear, those of a user next to each other."""
    by_user = users.argsort(stable=True)
    begins = users[by_user].diff(prepend=users.new_full((1,), -1)) != 0
    first = by_user[begins][begins.cumsum(0) - 1]
    return by_user[first.argsort(stable=True)]


def softmax_loss(users, positives):
    z = final()
    total = 0.0
    order = grouped(users)
    blocks = max(1, (len(users) + BLOCK // 2) // BLOCK)
    for block in torch.tensor_split(order, [n * len(users) // blocks for n in range(1, blocks)]):
        own_users, own_items = users[block], positives[block]
        distinct, at = own_users.unique(return_inverse=True)
        items, own = own_items.unique(return_inverse=True)
        expected = torch.log(len(own_users) * degrees[items] / train.shape[1])
        drawn = torch.log(torch.bincount(own).float())
        cosines = functional.normalize(z[distinct]) @ functional.normalize(z[items]).T
        total = total + functional.cross_entropy((cosines / 0.2 + drawn - expected)[at], own, reduction="sum")
    return total / len(users) + DECAY / len(users) * sum(weight[rows].norm() for rows in (users, positives))


def bpr_loss(users, positives, negatives):
    z = final()
    user = z[users]
    margin = (user * z[positives]).sum(1) - (user * z[negatives]).sum(1)
    loss = -torch.log(1e-10 + torch.sigmoid(margin)).mean()
    return loss + DECAY / len(users) * sum(weight[rows].norm() for rows in (users, positives, negatives))


random = np.random.default_rng(2020)
keys = np.sort(train[0] * num_items + train[1])


def seen(users, items):
    wanted = users * num_items + items
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted


def negatives(users):
    """Uniform over the items that the user has not, drawn again until they are."""
    drawn = random.integers(num_items, size=len(users))
    left = np.flatnonzero(seen(users, drawn))
    while len(left):
        drawn[left] = random.integers(num_items, size=len(left))
        left = left[seen(users[left], drawn[left])]
    return drawn


def epoch():
    order = random.permutation(train.shape[1])
    drawn = None if ours else negatives(train[0])
    for first in range(0, len(order), BATCH):
        places = order[first : first + BATCH]
        users = torch.from_numpy(train[0][places])
        positives = torch.from_numpy(train[1][places] + num_users)
        optimizer.zero_grad(set_to_none=True)
        if ours:
            loss = softmax_loss(users, positives)
        else:
            loss = bpr_loss(users, positives, torch.from_numpy(drawn[places] + num_users))
        loss.backward()
        optimizer.step()


starts = np.searchsorted(np.sort(train[0]), np.arange(num_users + 1))
columns = torch.from_numpy(train[1][np.argsort(train[0], kind="stable")])
seen_rows = torch.from_numpy(np.sort(train[0]))


def validate():
    """NDCG@10 of the held-out items, everything ranked but what the user has."""
    with torch.no_grad():
        z = final()
        total = 0.0
        for first in range(0, valid.shape[1], 1024):
            users = valid[0][first : first + 1024]
            scores = z[users] @ z[num_users:].T
            for row, user in enumerate(users):
                scores[row, columns[starts[user] : starts[user + 1]]] = -torch.inf
            top = scores.topk(10).indices
            hits = top == torch.from_numpy(valid[1][first : first + 1024])[:, None]
            total += (hits / torch.log2(torch.arange(10) + 2.0)).sum().item()
        return total / valid.shape[1]


def exhausted(metrics):
    """Whether for more than PATIENCE evaluations none has surpassed the last that counted as a rise."""
    reference, last = -1.0, 0
    for n, metric in enumerate(metrics):
        if metric > reference + MIN_RISE:
            reference, last = metric, n
    return len(metrics) - 1 - last > PATIENCE


curve, metrics = [], [0.0]
while not exhausted(metrics[1:] or [1.0]) and len(curve) < 300 and time.process_time() < given["most"]:
    epoch()
    end("epochs")
    metrics.append(validate())
    curve.append({**end("validation"), "metric": metrics[-1]})
best = max(metrics)
path = f"{given['folder']}/torch.pt"
with torch.no_grad():
    torch.save(final(), path)
end("save")
z = torch.load(path)
end("open")
answer = (z[0] @ z[num_users:].T).topk(10).indices
end("answer")
stages.pop("taken over")
complete = exhausted(metrics[1:]) or len(curve) == 300
print(json.dumps({"stages": stages, "curve": curve, "valid": best, "complete": complete, "total": {"processor": last[0], "clock": last[1]}}))
