"""LightGCN, BPR-MF and SGCL on tables that are cut by row: batches, losses, updates and validation."""
import hashlib
import math

import torch
import torch.distributed as dist
import torch.nn.functional as F

from tables import GraphRows, Shards


class Model:
    def __init__(self, job, start, graph, device, rank, world):
        self.options, self.device, self.rank, self.world = job["training"], device, rank, world
        self.dim, self.frozen = job["dim"], job["training"]["frozenColumns"]
        self.num_users, self.num_items, self.num_interactions = job["users"], job["items"], job["interactions"]
        self.users, self.items = Shards(self.num_users, rank, world), Shards(self.num_items, rank, world)
        tables = [start.rows(f"{name}_factors", shards.begin, shards.end)
                  for name, shards in (("user", self.users), ("item", self.items))]
        self.table = torch.nn.Parameter(torch.cat(tables).to(device))
        at = self.num_users
        self.user_rows = GraphRows(graph, "", self.users.begin, self.users.count, self.items, at, device)
        self.item_rows = GraphRows(graph, "", at + self.items.begin, self.items.count, self.users, 0, device)
        self.degrees = graph.rows("row_ptr").diff()[at:].float().clamp(min=1).to(device)
        self.read_pairs(graph)
        self.read_valid(graph)
        optimizer = self.options["optimizer"]
        if optimizer["name"] == "adam":
            betas = (optimizer["beta1"], optimizer["beta2"])
            self.optimizer = torch.optim.Adam([self.table], betas=betas, eps=optimizer["epsilon"])
        else:
            self.optimizer = torch.optim.SGD([self.table], lr=optimizer["learningRate"])
        self.epoch, self.batch, self.steps, self.loss_sum = 1, 0, 0, 0.0
        self.history, self.best, self.best_epoch, self.best_metric = [], None, None, None

    # --- data

    def read_pairs(self, graph):
        """The training interactions of the own users, but for those of users who leave no item to be a negative."""
        ptr = graph.rows("row_ptr", self.users.begin, self.users.end + 1).long()
        degree = ptr.diff()
        cols = graph.rows("col_idx", int(ptr[0]), int(ptr[-1])).long() - self.num_users
        row = torch.repeat_interleave(torch.arange(self.users.count), degree)
        keep = torch.ones(len(row), dtype=torch.bool)
        if self.draws_negatives() and self.options["protocol"] == "standard":
            keep = degree[row] < self.num_items
        self.known = row * self.num_items + cols
        self.pair_users, self.pair_items = row[keep] + self.users.begin, cols[keep]
        counts = [torch.zeros(1, dtype=torch.int64, device=self.device) for _ in range(self.world)]
        dist.all_gather(counts, torch.tensor([len(self.pair_users)], device=self.device))
        self.counts = [int(count) for count in counts]
        self.num_batches = math.ceil(sum(self.counts) / self.options["batchSize"])

    def read_valid(self, graph):
        ptr = graph.rows("valid.row_ptr", self.users.begin, self.users.end + 1).long()
        self.valid_users = torch.nonzero(ptr.diff() > 0).flatten()
        row = torch.repeat_interleave(torch.arange(self.users.count), ptr.diff())
        self.valid = row * self.num_items + graph.rows("valid.col_idx", int(ptr[0]), int(ptr[-1])).long()
        self.valid_counts = ptr.diff()[self.valid_users]
        self.has_valid = len(graph.rows("valid.col_idx")) > 0

    def draws_negatives(self):
        options = self.options
        if options["model"] == "sgcl":
            return False
        return options["loss"]["name"] == "bpr" or options["loss"]["candidates"] == "sampled"

    def generator(self, *place):
        text = " ".join(map(str, (self.options["seed"], self.rank, *place)))
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
        return torch.Generator().manual_seed(seed)

    def make_batch(self):
        """(users, positives, negatives) of all processes, which draw from interactions of their own users."""
        if self.batch == 0 or not hasattr(self, "order"):
            self.order = torch.randperm(len(self.pair_users), generator=self.generator("order", self.epoch))
        sizes = [count * (self.batch + 1) // self.num_batches - count * self.batch // self.num_batches
                 for count in self.counts]
        first = self.counts[self.rank] * self.batch // self.num_batches
        at = self.order[first:first + sizes[self.rank]]
        own = torch.zeros(3, max(sizes), dtype=torch.int64)
        own[0, :len(at)], own[1, :len(at)] = self.pair_users[at], self.pair_items[at]
        if self.draws_negatives():
            own[2, :len(at)] = self.draw_negatives(own[0, :len(at)], own[1, :len(at)])
        parts = [torch.empty_like(own, device=self.device) for _ in sizes]
        dist.all_gather(parts, own.to(self.device))
        return torch.cat([part[:, :size] for part, size in zip(parts, sizes)], 1)

    def draw_negatives(self, users, positives):
        generator = self.generator("negatives", self.epoch, self.batch)
        drawn = torch.randint(self.num_items, users.shape, generator=generator)
        while True:
            if self.options["protocol"] == "standard":
                keys = (users - self.users.begin) * self.num_items + drawn
                again = self.known[torch.searchsorted(self.known, keys).clamp(max=len(self.known) - 1)] == keys
            else:
                again = drawn == positives
            count = int(again.sum())
            if count == 0:
                return drawn
            drawn[again] = torch.randint(self.num_items, (count,), generator=generator)

    # --- the model

    def propagated(self, table):
        """Mean of layers 0 ... L of the own rows (He et al., LightGCN, SIGIR 2020). Symmetric: also the way back."""
        layers = self.options["layers"]
        total = layer = table
        for _ in range(layers):
            users, items = layer[:self.users.count], layer[self.users.count:]
            layer = torch.cat([self.user_rows.times(self.items, items), self.item_rows.times(self.users, users)])
            total = total + layer
        return total / (layers + 1)

    def local(self, nodes):
        """Which nodes (users, then items) are rows of this process, and which rows."""
        users, items = self.users, self.items
        item = nodes - self.num_users
        is_user = (nodes >= users.begin) & (nodes < users.end)
        is_item = (item >= items.begin) & (item < items.end)
        rows = torch.where(is_user, nodes - users.begin, item - items.begin + users.count)
        own = is_user | is_item
        return own, rows[own]

    def step(self, batch):
        """One update; returns the loss, the same in every process."""
        users, positives, negatives = batch
        size = len(users)
        parts = [users, positives + self.num_users]
        if self.draws_negatives():
            parts.append(negatives + self.num_users)
        nodes = torch.cat(parts)
        own, rows = self.local(nodes)
        with torch.no_grad():
            final = self.propagated(self.table)
            gathered = self.table.new_zeros(len(nodes), 2 * self.dim)
            gathered[own] = torch.cat([final[rows], self.table[rows]], 1)
            dist.all_reduce(gathered)
        z, e = gathered.split(self.dim, 1)
        z, e = z.clone().requires_grad_(), e.clone().requires_grad_()
        loss = self.loss(z.split(size), e.split(size), batch)
        loss.backward()
        with torch.no_grad():
            gradient = torch.zeros_like(self.table).index_add_(0, rows, z.grad[own])
            gradient = self.propagated(gradient)
            if e.grad is not None:
                gradient.index_add_(0, rows, e.grad[own])
            gradient[:, :self.frozen] = 0
        self.table.grad = gradient
        self.steps += 1
        self.set_rate()
        self.optimizer.step()
        return loss.item()

    def loss(self, z, e, batch):
        users, positives, negatives = batch
        options = self.options
        if options["model"] == "sgcl":
            return sgcl(z[0], z[1], options["temperature"])
        value = bpr(*z) if options["loss"]["name"] == "bpr" else self.blocks(z, users, positives, negatives)
        weight, form = options["regularization"]["weight"], options["regularization"]["form"]
        if weight == 0:
            return value
        norms = [rows.norm() if form == "norm" else rows.square().sum() / 2 for rows in e]
        return value + weight / len(positives) * sum(norms)

    def blocks(self, z, users, positives, negatives):
        """A large batch draws its candidates in even blocks of about 512 pairs, those of a user next to each other."""
        order = grouped(users)
        z, positives, negatives = [rows[order] for rows in z], positives[order], negatives[order]
        size = len(positives)
        blocks = max(1, (size + 256) // 512)
        parts = [slice(n * size // blocks, (n + 1) * size // blocks) for n in range(blocks)]
        losses = [
            (part.stop - part.start) * self.softmax([rows[part] for rows in z], positives[part], negatives[part])
            for part in parts
        ]
        return sum(losses) / size

    def softmax(self, z, positives, negatives):
        """Softmax over the items of the batch, with negatives drawn beside them if asked for, each corrected by how often
        it is to be expected (Yi et al., RecSys 2019; Yang et al., WWW 2020)."""
        options = self.options["loss"]
        users, items, candidates = z[0], torch.cat(z[1:]), positives
        if len(z) > 2:
            candidates = torch.cat([positives, negatives])
        if options["similarity"] == "cosine":
            users, items = F.normalize(users), F.normalize(items)
        expected = self.degrees[candidates] / self.num_interactions + (1 / self.num_items if len(z) > 2 else 0)
        logits = users @ items.T / options["softmaxTemperature"] - torch.log(len(positives) * expected)
        return F.cross_entropy(logits, torch.arange(len(positives), device=self.device))

    def set_rate(self):
        optimizer, batches = self.options["optimizer"], self.num_batches
        share = 1.0
        if optimizer.get("warmupEpochs"):
            share = min(1.0, self.steps / (optimizer["warmupEpochs"] * batches))
        if optimizer.get("halvingEpochs"):
            share *= 0.5 ** math.floor((self.steps - 1) / (optimizer["halvingEpochs"] * batches))
        for group in self.optimizer.param_groups:
            group["lr"] = optimizer["learningRate"] * share

    @torch.no_grad()
    def validate(self):
        """Mean NDCG@10 of the validation interactions, ranked among all items but those of training."""
        final = self.propagated(self.table)
        queries = final[:self.users.count][self.valid_users.to(self.device)]
        k = min(10, self.num_items)
        scores = queries.new_full((len(queries), k), -math.inf)
        found = torch.zeros(len(queries), k, dtype=torch.int64, device=self.device)
        for block, (first, items) in zip(self.user_rows.blocks, self.items.each(final[self.users.count:])):
            chunk = max(1, 2 ** 26 // max(1, len(items)))
            for begin in range(0, len(queries), chunk):
                some = slice(begin, begin + chunk)
                new = queries[some] @ items.T
                if self.options["protocol"] == "standard":
                    self.leave_out(new, block, self.valid_users[some])
                new, at = new.topk(min(k, len(items)))
                all_scores, all_items = torch.cat([scores[some], new], 1), torch.cat([found[some], at + first], 1)
                scores[some], best = all_scores.topk(k)
                found[some] = all_items.gather(1, best)
        keys = self.valid_users[:, None] * self.num_items + found.cpu()
        gains = 1 / torch.log2(torch.arange(k, dtype=torch.float64) + 2)
        hits = torch.isin(keys, self.valid).double()
        ideal = gains.cumsum(0)[self.valid_counts.clamp(max=k) - 1]
        sums = torch.tensor([(hits @ gains / ideal).sum(), len(keys)], dtype=torch.float64)
        sums = sums.to(self.device)
        dist.all_reduce(sums)
        self.validated = float(sums[1])
        return float(sums[0] / sums[1])

    def leave_out(self, scores, block, users):
        starts, cols, _ = block
        begin, end = starts[users.to(self.device)].long(), starts[users.to(self.device) + 1].long()
        counts = end - begin
        row = torch.repeat_interleave(torch.arange(len(users), device=self.device), counts)
        offset = torch.arange(len(row), device=self.device) - torch.repeat_interleave(counts.cumsum(0) - counts, counts)
        scores[row, cols[torch.repeat_interleave(begin, counts) + offset].long()] = -math.inf


def grouped(users):
    """Places in the order in which their users appear, those of a user next to each other."""
    by_user = users.argsort(stable=True)
    begins = users[by_user].diff(prepend=users.new_full((1,), -1)) != 0
    first = by_user[begins][begins.cumsum(0) - 1]
    return by_user[first.argsort(stable=True)]


def bpr(users, positives, negatives):
    """Mean of -log(1e-10 + sigmoid(margin)) (Rendle et al., UAI 2009)."""
    margins = (users * positives).sum(1) - (users * negatives).sum(1)
    return -torch.log(1e-10 + torch.sigmoid(margins)).mean()


def sgcl(users, items, temperature):
    """The supervised contrastive loss of SGCL, summed over the batch (Zhang et al., RecSys 2025)."""
    users, items = F.normalize(users), F.normalize(items)
    others = torch.cat([users @ users.T, items @ items.T], 1) / temperature
    return (torch.logsumexp(others, 1) - (users * items).sum(1) / temperature).sum()
