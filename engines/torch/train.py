"""Trains LightGCN, BPR-MF or SGCL on a job of `llminit handover torch`, in one process or in many.

    python3 train.py --processes 4                       on one machine
    torchrun --nnodes 8 --nproc_per_node 4 --rdzv_backend c10d --rdzv_endpoint HOST:29500 train.py --backend nccl
    llminit import JOB --out model.safetensors           afterwards, where llminit is

It needs torch 1.13 or later and no other package. Where it was interrupted, the same command goes on.

Tables are cut by row: process r of P owns about 1/P of the users and 1/P of the items, with their Adam moments and their
rows of the graph. What is sent, in numbers of 4 bytes, U users, I items, dim d, batch B, L layers:

    propagation   each of 2 L passes of a step: every shard is broadcast in turn, so that a process receives
                  (U + I) d (P - 1) / P and holds one shard of another at a time
    batch         all-gather of 3 B numbers; all-reduce of the batch's rows, at most 3 B x 2 d
    validation    every shard of the items once

So a step is worth its traffic when B is large: raise --batch of the handover with P.
"""
import argparse
import hashlib
import json
import math
import os
import socket
import struct
import subprocess
import sys
import time
import zlib

import torch
import torch.distributed as dist

from model import Model
from tables import Tensors

HERE = os.path.dirname(os.path.abspath(__file__))


class Trainer(Model):
    validated = 1.0  # users of the last validation

    def train(self, checkpoints, every):
        while self.epoch <= self.options["epochs"] and not self.exhausted():
            while self.batch < self.num_batches:
                self.loss_sum += self.step(self.make_batch())
                if not math.isfinite(self.loss_sum):
                    sys.exit(f"train.py: the loss became {self.loss_sum} in epoch {self.epoch}: lower the learning rate")
                self.batch += 1
                if every and self.steps % every == 0 and self.batch < self.num_batches:
                    checkpoints.save(self)
            self.end_epoch()
            if every == 0 or self.epoch > self.options["epochs"] or self.exhausted():
                checkpoints.save(self)

    def end_epoch(self):
        metric = None
        if self.has_valid and self.epoch % self.options["evaluateEvery"] == 0:
            metric = self.validate()
            if self.best_metric is None or metric > self.best_metric:
                self.best_metric, self.best_epoch = metric, self.epoch
                self.best = self.table.detach().clone()
        self.history.append([self.epoch, self.loss_sum / self.num_batches, metric])
        if self.rank == 0:
            loss, shown = self.history[-1][1], "" if metric is None else f", validation NDCG@10 {metric:.4f}"
            print(f"epoch {self.epoch}: loss {loss:.5f}{shown}", flush=True)
        self.epoch, self.batch, self.loss_sum = self.epoch + 1, 0, 0.0

    def exhausted(self):
        """No better metric for more than `patience` evaluations, and none on the way up again, as llminit has it."""
        if self.best_epoch is None:
            return False
        evaluated = [(epoch, metric) for epoch, _, metric in self.history if metric is not None]
        patience, metrics = self.options["patience"], [metric for _, metric in evaluated]
        if self.options["minRise"] > 0:
            return self.since_rise(metrics) > patience
        if sum(epoch > self.best_epoch for epoch, _ in evaluated) <= patience:
            return False
        for end in range(len(metrics), len(metrics) - min(3, patience), -1):
            if end < 6 or sum(metrics[end - 3:end]) > sum(metrics[end - 6:end - 3]):
                return False
        return True

    def since_rise(self, metrics):
        """Evaluations since the last one that surpassed the rise before it by more than `minRise` / √users."""
        reference, last = -math.inf, 0
        for n, metric in enumerate(metrics):
            if metric > reference + self.options["minRise"] / math.sqrt(self.validated):
                reference, last = metric, n
        return len(metrics) - 1 - last

    def state(self):
        names = ["epoch", "batch", "steps", "loss_sum", "history", "best", "best_epoch", "best_metric", "validated"]
        own = {name: getattr(self, name) for name in names}
        return {**own, "table": self.table.detach(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state):
        with torch.no_grad():
            self.table.copy_(state.pop("table"))
        self.optimizer.load_state_dict(state.pop("optimizer"))
        for name, value in state.items():
            setattr(self, name, value)


class Checkpoints:
    """Two folders in turn, one file a process. `latest.json` names the one that is whole, and is replaced last."""

    def __init__(self, folder, digest, rank, world, device):
        self.folder, self.digest, self.rank, self.world, self.device = folder, digest, rank, world, device
        self.latest, self.serial = f"{folder}/latest.json", 0

    def path(self, serial):
        return f"{self.folder}/{serial % 2}/rank-{self.rank}-of-{self.world}.pt"

    def save(self, trainer):
        self.serial += 1
        path = self.path(self.serial)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        torch.save({"job": self.digest, "serial": self.serial, "state": trainer.state()}, path + ".tmp")
        os.replace(path + ".tmp", path)
        dist.barrier()
        if self.rank == 0:
            write_text(self.latest, json.dumps({"job": self.digest, "serial": self.serial, "world": self.world}))
        dist.barrier()

    def resume(self, trainer):
        if not os.path.exists(self.latest):
            return
        with open(self.latest, encoding="utf-8") as file:
            latest = json.load(file)
        if latest["job"] != self.digest or latest["world"] != self.world:
            what = "another job" if latest["job"] != self.digest else f"{latest['world']} processes, not {self.world}"
            sys.exit(f"train.py: {self.folder} holds the state of {what}: remove it to start anew")
        saved = torch.load(self.path(latest["serial"]), map_location=self.device)
        if saved["job"] != self.digest or saved["serial"] != latest["serial"]:
            sys.exit(f"train.py: {self.path(latest['serial'])} is not the file that {self.latest} names: remove the folder")
        self.serial = latest["serial"]
        trainer.restore(saved["state"])
        if self.rank == 0:
            print(f"going on from epoch {trainer.epoch}, batch {trainer.batch}", flush=True)


def write_text(path, text):
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)


def write_factors(trainer, digest, path):
    """The final rows of all processes, with the ids of the job, as safetensors with a CRC-32."""
    if trainer.best is not None:
        with torch.no_grad():
            trainer.table.copy_(trainer.best)
    with torch.no_grad():
        final = trainer.propagated(trainer.table.detach())
    start = Tensors(f"{HERE}/start.safetensors")
    tables = [("user_factors", trainer.users, final[:trainer.users.count]),
              ("item_factors", trainer.items, final[trainer.users.count:])]
    ids = [f"{kind}_ids.{part}" for part in ("offsets", "bytes") for kind in ("user", "item")]
    shapes = [(name, "F32", [shards.bounds[-1], trainer.dim]) for name, shards, _ in tables]
    shapes += [(name, start.entries[name]["dtype"], start.entries[name]["shape"]) for name in ids]
    made = {"epochs": len(trainer.history), "bestEpoch": trainer.best_epoch, "bestMetric": trainer.best_metric,
            "history": trainer.history, "processes": trainer.world, "torch": torch.__version__}
    metadata = {"checksum": "crc32:00000000", "format": "llminit-factors", "version": "1", "job": digest,
                "training": json.dumps(made)}
    entries, at = {"__metadata__": metadata}, 0
    for name, dtype, shape in shapes:
        end = at + math.prod(shape) * (1 if dtype == "U8" else 4)
        entries[name], at = {"dtype": dtype, "shape": shape, "data_offsets": [at, end]}, end
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    file = open(path + ".tmp", "wb") if trainer.rank == 0 else open(os.devnull, "wb")
    with file:
        crc = 0

        def write(data):
            nonlocal crc
            crc = zlib.crc32(data, crc)
            file.write(data)

        write(struct.pack("<Q", len(header)) + header)
        for _, shards, own in tables:
            for _, rows in shards.each(own):
                write(rows.cpu().numpy().tobytes())
        for name in ids:
            write(start.rows(name).numpy().tobytes())
        file.seek(8 + header.index(b"crc32:") + len(b"crc32:"))
        file.write(b"%08x" % crc)
        file.flush()
        if trainer.rank == 0:
            os.fsync(file.fileno())
            os.replace(path + ".tmp", path)
    dist.barrier()


def checked_job():
    """The configuration, and the digest that names it; the files that it lists have to be its own."""
    with open(f"{HERE}/job.json", "rb") as file:
        text = file.read()
    job = json.loads(text)
    for name, expected in job["files"].items():
        digest = hashlib.sha256()
        with open(f"{HERE}/{name}", "rb") as file:
            while block := file.read(1 << 24):
                digest.update(block)
        if digest.hexdigest() != expected:
            sys.exit(f"train.py: {name} is not the file that job.json was written with: hand over again")
    return job, hashlib.sha256(text).hexdigest()


def start_processes(count):
    """Runs this program so many times, as one job; ends them all when one of them fails, and gives its exit code."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        job = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": str(count)}
    # Each process would else take all cores.
    job["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // count)))
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    running = [subprocess.Popen([sys.executable, *sys.argv], env={**os.environ, **job, **rank}) for rank in ranks]
    try:
        while running:
            for process in running:
                if process.poll():
                    return process.returncode if process.returncode > 0 else 128 - process.returncode
            running = [process for process in running if process.poll() is None]
            time.sleep(0.1)
        return 0
    finally:
        for process in running:
            process.kill()


def main():
    parser = argparse.ArgumentParser(description="trains a job of `llminit handover torch`")
    parser.add_argument("--backend", choices=["gloo", "nccl"], default="gloo", help="nccl: a GPU for each process")
    parser.add_argument("--checkpoint-every", type=int, default=0, metavar="STEPS", help="default: every epoch")
    parser.add_argument("--batches", metavar="FILE", help="train on the batches of this file, once, and stop")
    parser.add_argument("--processes", type=int, metavar="N", help="start N processes here, in the place of torchrun")
    args = parser.parse_args()
    if args.processes and "RANK" not in os.environ:
        sys.exit(start_processes(args.processes))
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    # Debian builds torch without libuv, which newer versions ask for.
    os.environ.setdefault("USE_LIBUV", "0")
    alone = {} if "MASTER_ADDR" in os.environ else {"store": dist.HashStore(), "rank": 0, "world_size": 1}
    dist.init_process_group(args.backend, **alone)
    device = torch.device("cpu")
    if args.backend == "nccl":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    job, digest = checked_job()
    files = [Tensors(f"{HERE}/{name}.safetensors") for name in ("start", "graph")]
    trainer = Trainer(job, *files, device, rank, world)
    if args.batches:
        file = Tensors(args.batches)
        for first, last in zip(*[file.rows("bounds").tolist()[n:] for n in (0, 1)]):
            batch = torch.stack([file.rows(name, first, last).long() for name in ("users", "positives", "negatives")])
            trainer.step(batch.to(device))
    else:
        checkpoints = Checkpoints(f"{HERE}/checkpoints", digest, rank, world, device)
        checkpoints.resume(trainer)
        trainer.train(checkpoints, args.checkpoint_every)
    write_factors(trainer, digest, f"{HERE}/factors.safetensors")
    if rank == 0:
        print("wrote factors.safetensors", flush=True)


if __name__ == "__main__":
    main()
