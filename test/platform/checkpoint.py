"""Writes checkpoints as RecBole's Trainer does: python3 checkpoint.py FOLDER."""
import collections
import sys
import types

import torch

recbole, config = types.ModuleType("recbole.config"), types.ModuleType("recbole.config.configurator")
sys.modules.update({"recbole": types.ModuleType("recbole"), "recbole.config": recbole, config.__name__: config})
exec("class Config:\n    pass", config.__dict__)


def save(name, model, other):
    settings = config.Config()
    settings.final_config_dict = {"model": model, "embedding_size": 3, "device": torch.device("cpu")}
    items = torch.nn.Parameter(torch.arange(15, dtype=torch.float32).reshape(5, 3) / 8)
    users = torch.nn.Parameter(torch.arange(12, dtype=torch.float32).reshape(3, 4).t() / 4)
    state = collections.OrderedDict([("user_embedding.weight", users.data), ("item_embedding.weight", items.data)])
    optimizer = torch.optim.Adam([users, items])
    checkpoint = {"config": settings, "epoch": 3, "cur_step": 0, "best_valid_score": 0.25, "state_dict": state,
                  "other_parameter": other(users.data, items.data), "optimizer": optimizer.state_dict()}
    torch.save(checkpoint, f"{sys.argv[1]}/{name}.pth", pickle_protocol=4)


save("bpr", "BPR", lambda users, items: None)
save("lightgcn", "LightGCN", lambda users, items: {"restore_user_e": users * 2, "restore_item_e": (items * 2).half()})
save("unranked", "LightGCN", lambda users, items: {"restore_user_e": None, "restore_item_e": None})
