"""Runs the work of work.py and times it here.

Requests and answers are JSON lines on standard input and output; arrays are raw little-endian files.
  {"make": kind, "arrays": {name: {"path", "dtype", "shape"}}, "options": {...}} -> {"id"} or {"absent": reason}
  {"run": id} -> {"ms"}        {"write": id, "paths": [...]} -> {}        {"free": id} -> {}
  {"versions": true} -> {name: version or null}
"""

import json
import mmap
import os
import sys
import time

from work import MAKERS, NEEDS, np, torch


def read(spec):
    """An array at a page boundary, so that rows lie on cache lines for everyone."""
    size = os.path.getsize(spec["path"])
    memory = mmap.mmap(-1, max(size, 1))
    with open(spec["path"], "rb") as file:
        file.readinto(memory)
    return np.frombuffer(memory, dtype=spec["dtype"]).reshape(spec["shape"])


def blas():
    """Name of the BLAS that is loaded, where the system tells."""
    try:
        with open("/proc/self/maps") as maps:
            files = {os.path.basename(line.split()[-1]) for line in maps}
    except OSError:
        return None
    return next((file.split(".so")[0] for file in sorted(files) if file.startswith(("libmkl", "libopenblas", "libblis"))), None)


def versions():
    found = {name: getattr(module, "__version__", None) for name, module in NEEDS.items() if name != "native"}
    found["python"] = ".".join(map(str, sys.version_info[:3]))
    found["blas"] = blas()
    return found


def make(request):
    kind = request["make"]
    if np is None or NEEDS[kind.split("_")[-1]] is None:
        return {"absent": kind.split("_")[-1] + " is not installed"}
    arrays = {name: read(spec) for name, spec in request["arrays"].items()}
    tasks.append({"run": MAKERS[kind](arrays, request["options"]), "result": None})
    return {"id": len(tasks) - 1}


def run(task):
    start = time.perf_counter()
    task["result"] = task["run"]()
    return {"ms": (time.perf_counter() - start) * 1000}


def write(task, paths):
    for array, path in zip(task["result"], paths):
        (array.detach().numpy() if torch and torch.is_tensor(array) else array).tofile(path)
    return {}


def answer(request):
    if "versions" in request:
        return versions()
    if "make" in request:
        return make(request)
    if "run" in request:
        return run(tasks[request["run"]])
    if "write" in request:
        return write(tasks[request["write"]], request["paths"])
    tasks[request["free"]] = None
    return {}


tasks = []
for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"absent": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
