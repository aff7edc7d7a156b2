"""Files and tables of a job: tensors of safetensors files, and tables and graph cut by row among processes."""
import json
import math
import struct

import torch
import torch.distributed as dist
import torch.nn.functional as F

DTYPES = {"F32": torch.float32, "I32": torch.int32, "U8": torch.uint8}


class Tensors:
    """The tensors of a safetensors file, row by row (https://github.com/huggingface/safetensors, section "Format")."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            self.entries = json.loads(file.read(length))
        self.entries.pop("__metadata__", None)
        self.start = 8 + length

    def rows(self, name, begin=0, end=None):
        entry = self.entries[name]
        dtype, shape = DTYPES[entry["dtype"]], list(entry["shape"])
        shape[0] = (shape[0] if end is None else end) - begin
        row = math.prod(shape[1:]) * torch.empty(0, dtype=dtype).element_size()
        with open(self.path, "rb") as file:
            file.seek(self.start + entry["data_offsets"][0] + begin * row)
            data = bytearray(file.read(shape[0] * row))
        return torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)


class Shards:
    """Which rows of a table belong to which process."""

    def __init__(self, rows, rank, world):
        self.bounds = [rows * r // world for r in range(world + 1)]
        self.begin, self.end = self.bounds[rank], self.bounds[rank + 1]
        self.rank, self.count = rank, self.end - self.begin

    def each(self, own):
        """Every process's rows of a table in turn: (first row, rows). All processes have to ask."""
        for source in range(len(self.bounds) - 1):
            begin, end = self.bounds[source], self.bounds[source + 1]
            rows = own.contiguous() if source == self.rank else own.new_empty(end - begin, *own.shape[1:])
            dist.broadcast(rows, source)
            yield begin, rows


class GraphRows:
    """Some rows of a sparse matrix, cut by the shard that a column belongs to."""

    def __init__(self, file, prefix, first, count, columns, offset, device, values=True):
        ptr = file.rows(prefix + "row_ptr", first, first + count + 1).long()
        begin, end = int(ptr[0]), int(ptr[-1])
        cols = file.rows(prefix + "col_idx", begin, end) - offset
        row = torch.repeat_interleave(torch.arange(count), ptr[1:] - ptr[:-1])
        weights = file.rows(prefix + "values", begin, end) if values else torch.ones(len(cols))
        self.blocks = []
        for low, high in zip(columns.bounds, columns.bounds[1:]):
            inside = (cols >= low) & (cols < high)
            starts = torch.zeros(count + 1, dtype=torch.int32)
            starts[1:] = torch.bincount(row[inside], minlength=count).cumsum(0)
            self.blocks.append([part.to(device) for part in (starts, cols[inside] - low, weights[inside])])

    def times(self, shards, own):
        """The rows times a table of which every process brings its shard."""
        out = 0
        for (starts, cols, weights), (_, table) in zip(self.blocks, shards.each(own)):
            out = out + F.embedding_bag(cols, table, starts[:-1], mode="sum", per_sample_weights=weights)
        return out
