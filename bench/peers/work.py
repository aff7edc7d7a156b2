"""The bench's work in torch, scipy, numpy and native C, one thread each.

Each maker takes numpy arrays and options and returns a function that does the work once and returns its results as
numpy arrays or tensors. A maker's last word names what it needs.
"""

import ctypes
import mmap
import os

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[name + "_NUM_THREADS"] = "1"


def optional(name):
    try:
        return __import__(name)
    except Exception:
        return None


torch, np, scipy = optional("torch"), optional("numpy"), optional("scipy")
if scipy:
    import scipy.sparse
if torch:
    torch.set_num_threads(1)


def csr_torch(a, n):
    return torch.sparse_csr_tensor(a["rowPtr"], a["colIdx"], a["values"], size=(n, n))


def coo_torch(a, n):
    return csr_torch(a, n).to_sparse_coo().coalesce()


def tensors(arrays):
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def spmm_torch(arrays, options):
    a = tensors(arrays)
    x = a["x"]
    adjacency = (csr_torch if options["form"] == "csr" else coo_torch)(a, len(x))
    return lambda: [torch.addmm(x, adjacency, x)]


def spmm_scipy(arrays, options):
    x = arrays["x"]
    adjacency = scipy.sparse.csr_matrix((arrays["values"], arrays["colIdx"], arrays["rowPtr"]), shape=(len(x), len(x)))
    return lambda: [adjacency @ x + x]


def spmm_native(arrays, options):
    library = ctypes.CDLL(options["library"])
    rows, dim = arrays["x"].shape
    split = (dim // 16, rows, 16) if options["panels"] else (1, rows, dim)
    x, y = (np.frombuffer(mmap.mmap(-1, arrays["x"].nbytes), dtype=np.float32).reshape(split) for _ in "xy")
    x[:] = arrays["x"].reshape(rows, split[0], split[2]).transpose(1, 0, 2)
    inputs = [arrays[name] for name in ("rowPtr", "colIdx", "values")]
    product = library.spmm_panels if options["panels"] else library.spmm

    def run():
        product(*(ctypes.c_void_p(array.ctypes.data) for array in (*inputs, x, y)), ctypes.c_int(rows))
        return [y.transpose(1, 0, 2)]

    return run


def step_torch(arrays, options):
    """LightGCN, BPR and Adam as a torch user writes them; `csr` spares the transposed matrix and the stack."""
    a = tensors(arrays)
    form, layers = options["form"], options["layers"]
    weight = torch.nn.Parameter(a["initial"].clone())
    adjacency = (csr_torch if form == "csr" else coo_torch)(a, len(weight))
    optimizer = torch.optim.Adam([weight], lr=1e-3)
    batches = [a[name].long() for name in ("users", "positives", "negatives")]
    count, size = batches[0].shape
    turn = 0

    class Propagate(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return adjacency @ x

        @staticmethod
        def backward(context, gradient):
            return adjacency @ gradient

    def final():
        if form == "csr":
            x, total = weight, weight
            for _ in range(layers):
                x = Propagate.apply(x)
                total = total + x
            return total / (layers + 1)
        rows = [weight]
        for _ in range(layers):
            rows.append(torch.sparse.mm(adjacency, rows[-1]))
        return torch.stack(rows, dim=1).mean(dim=1)

    def run():
        nonlocal turn
        users, positives, negatives = (nodes[turn % count] for nodes in batches)
        turn += 1
        optimizer.zero_grad(set_to_none=True)
        z = final()
        user = z[users]
        margin = (user * z[positives]).sum(1) - (user * z[negatives]).sum(1)
        norms = sum(weight[nodes].norm() for nodes in (users, positives, negatives))
        loss = -torch.log(1e-10 + torch.sigmoid(margin)).mean() + options["decay"] / size * norms
        loss.backward()
        optimizer.step()
        return [weight, loss.reshape(1)]

    return run


def score_torch(arrays, options):
    a = tensors(arrays)
    users, items, k = a["users"], a["items"], options["k"]
    row_ptr, columns = arrays["rowPtr"], a["colIdx"].long()
    rows = torch.from_numpy(np.repeat(np.arange(len(users)), np.diff(row_ptr)))
    size = 1024

    def run():
        scores, indices = [], []
        for first in range(0, len(users), size):
            block = users[first : first + size] @ items.T
            seen = slice(row_ptr[first], row_ptr[min(first + size, len(users))])
            block[rows[seen] - first, columns[seen]] = -torch.inf
            best = block.topk(k)
            scores.append(best.values)
            indices.append(best.indices)
        return [torch.cat(indices).int(), torch.cat(scores)]

    return run


def select_numpy(arrays, options):
    x = arrays["x"]

    def run():
        variance = x.var(axis=0)
        columns = np.sort(np.argsort(-variance, kind="stable")[: options["dim"]])
        return [x[:, columns], variance]

    return run


def select_torch(arrays, options):
    x = torch.from_numpy(arrays["x"])

    def run():
        variance = x.var(dim=0, unbiased=False)
        columns = variance.topk(options["dim"]).indices.sort().values
        return [x.index_select(1, columns), variance]

    return run


def gemm_numpy(arrays, options):
    return lambda: [arrays["a"] @ arrays["b"].T]


def sgl_torch(arrays, options):
    """As RecBole's SGL: every row of the batch, repeats too, is gathered, normalised and multiplied with all."""
    a = tensors(arrays)
    normalize = torch.nn.functional.normalize
    sides = [
        (
            a["anchors%d" % n].clone().requires_grad_(),
            a["candidates%d" % n].clone().requires_grad_(),
            a["places%d" % n].long(),
            a["nodes%d" % n].long(),
        )
        for n in range(options["sides"])
    ]

    def run():
        loss = 0
        for anchors, candidates, places, nodes in sides:
            anchors.grad = candidates.grad = None
            scores = normalize(anchors[places]) @ normalize(candidates).T / options["temperature"]
            loss = loss + torch.nn.functional.cross_entropy(scores, nodes, reduction="sum")
        loss.backward()
        return [loss.detach().reshape(1), *(x.grad for side in sides for x in side[:2])]

    return run


def sgcl_torch(arrays, options):
    a = tensors(arrays)
    tables = [a[name].clone().requires_grad_() for name in ("x", "y")]
    pairs = [a[name].long() for name in ("xs", "ys")]

    def run():
        for table in tables:
            table.grad = None
        x, y = (torch.nn.functional.normalize(table)[rows] for table, rows in zip(tables, pairs))
        positive = (x * y).sum(1) / options["temperature"]
        scores = torch.cat([x @ x.T, y @ y.T], dim=1) / options["temperature"]
        loss = (torch.logsumexp(scores, dim=1) - positive).sum()
        loss.backward()
        return [loss.reshape(1), tables[0].grad, tables[1].grad]

    return run


def sasrec_torch(arrays, options):
    """SASRec in the form of RecBole on torch.nn.TransformerEncoder, sequences padded to the longest: a training step, or with
    `session` the k best scores behind one history, whose items are left out."""
    a = tensors(arrays)
    dim = a["items"].shape[1]
    functional = torch.nn.functional

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.items = torch.nn.Parameter(a["items"].clone())
            self.positions = torch.nn.Parameter(a["positions"].clone())
            self.norm = torch.nn.LayerNorm(dim, eps=1e-12)
            self.dropout = torch.nn.Dropout(options["dropout"])
            layer = torch.nn.TransformerEncoderLayer(
                dim, options["heads"], 4 * dim, options["dropout"], "gelu", 1e-12, batch_first=True
            )
            self.encoder = torch.nn.TransformerEncoder(layer, options["blocks"], enable_nested_tensor=False)

        def forward(self, inputs, mask, padding):
            x = self.dropout(self.norm(self.items[inputs] + self.positions[: inputs.shape[1]]))
            return self.encoder(x, mask=mask, src_key_padding_mask=padding)

    model = Model()
    with torch.no_grad():
        model.norm.weight.copy_(a["gamma"])
        model.norm.bias.copy_(a["beta"])
        for n, layer in enumerate(model.encoder.layers):
            own = {
                "qkv": layer.self_attn.in_proj_weight, "qkvBias": layer.self_attn.in_proj_bias,
                "out": layer.self_attn.out_proj.weight, "outBias": layer.self_attn.out_proj.bias,
                "gamma1": layer.norm1.weight, "beta1": layer.norm1.bias,
                "inner": layer.linear1.weight, "innerBias": layer.linear1.bias,
                "outer": layer.linear2.weight, "outerBias": layer.linear2.bias,
                "gamma2": layer.norm2.weight, "beta2": layer.norm2.bias,
            }  # fmt: skip
            for name, parameter in own.items():
                parameter.copy_(a["block%d.%s" % (n, name)].reshape(parameter.shape))

    def masked(sequences):
        length = sequences.shape[1]
        return torch.ones(length, length, dtype=torch.bool).triu(1)

    sequences = a["sequences"].long()
    if options.get("session"):
        history = sequences[:, sequences[0] >= 0]
        mask = masked(history)
        model.eval()

        def answer():
            with torch.inference_mode():
                scores = model.items @ model(history, mask, None)[0, -1]
                scores[history[0]] = -torch.inf
                return [scores.topk(options["k"]).values]

        return answer
    inputs, targets = sequences[:, :-1].clamp(min=0), sequences[:, 1:]
    known = targets >= 0
    mask, padding = masked(inputs), None if known.all() else ~known
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def loss():
        hidden = model(inputs, mask, padding)[known]
        return functional.cross_entropy(hidden @ model.items.T, targets[known])

    # Of the weights as they were given, without dropout, to be compared.
    model.eval()
    with torch.no_grad():
        first = loss().reshape(1)
    model.train()

    def run():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()
        return [first]

    return run


MAKERS = {
    maker.__name__: maker
    for maker in (
        spmm_torch, spmm_scipy, spmm_native, step_torch, score_torch, select_numpy, select_torch, gemm_numpy,
        sgl_torch, sgcl_torch, sasrec_torch,
    )
}  # fmt: skip
NEEDS = {"torch": torch, "scipy": scipy, "numpy": np, "native": np}
