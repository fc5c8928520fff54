"""Run by scripts/check-timm inside of a virtual environment with PyTorch and timm.

check_timm.py make FOLDER [MODEL...]    a folder a case: weights in three formats, pixels, logits, and a recipe
check_timm.py compare FOLDER FORMAT     compares what workbench has found with the logits
"""

import os
import sys

import numpy as np

LIMIT = 1e-3

# case: timm's model, the network in workbench, normalization, side of the pictures
CASES = {
    "vit_tiny_patch16_224": ("vit_tiny_patch16_224", "vit.original { preset = 'Ti', %s }", "half", 224),
    "vit_tiny_patch16_224 at 160": ("vit_tiny_patch16_224", "vit.original { preset = 'Ti', %s }", "half", 160),
    "deit_base_patch16_224": ("deit_base_patch16_224", "vit.deit { preset = 'B', %s }", "imagenet", 224),
    "deit_tiny_distilled_patch16_224": (
        "deit_tiny_distilled_patch16_224", "vit.deit { preset = 'Ti', distilled = true, %s }", "imagenet", 224),
    "convnext_tiny": ("convnext_tiny", "convnext.original { preset = 'T', rescale = 'imagenet', %s }", "imagenet", 224),
}
RECIPE = """local wb = require "workbench"
local vit, convnext = require "lib.vit", require "lib.convnext"
local network = %s
local model = network:load_weights { path = wb.param("weights", ""), range = { 0, 255 } }
print(#model.weights.loaded .. " parameters", model.weights.fitted[1] or "")
model:save "made.safetensors"
"""


def randomise(model, torch):
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            if name.endswith("gamma") or (name.endswith("weight") and p.ndim == 1):
                p.copy_(1 + 0.2 * noise)  # LayerScale, norms
            elif p.ndim == 1:
                p.copy_(0.2 * noise)
            elif "token" in name or "pos_embed" in name:
                p.copy_(0.5 * noise)
            else:
                p.copy_(noise / p[0].numel() ** 0.5)


def make(folder, wanted):
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    for case, (name, network, normalization, side) in CASES.items():
        if wanted and name not in wanted:
            continue
        path = os.path.join(folder, case.replace(" ", "_"))
        os.mkdir(path)
        model = timm.create_model(name).eval()
        randomise(model, torch)
        state = model.state_dict()
        save_file(state, os.path.join(path, "weights.safetensors"))
        torch.save(state, os.path.join(path, "weights.pth"))
        torch.save({"epoch": 3, "state_dict": {"module." + key: value for key, value in state.items()}},
                   os.path.join(path, "weights.pth.tar"), _use_new_zipfile_serialization=False)
        if side != 224:
            smaller = timm.create_model(name, img_size=side).eval()
            smaller.load_state_dict(timm.models.vision_transformer.checkpoint_filter_fn(state, smaller))
            model = smaller
        pixels = np.random.default_rng(2).uniform(0, 255, (2, side, side, 3)).astype(np.float32)
        pixels.tofile(os.path.join(path, "pixels"))
        mean, deviation = {"half": ([0.5] * 3, [0.5] * 3),
                           "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])}[normalization]
        x = (torch.from_numpy(pixels) / 255 - torch.tensor(mean)) / torch.tensor(deviation)
        with torch.no_grad():
            logits = model(x.permute(0, 3, 1, 2))
        np.savetxt(os.path.join(path, "logits"), logits.numpy())
        with open(os.path.join(path, "recipe.lua"), "w") as file:
            file.write(RECIPE % (network % f"classes = 1000, size = {side}"))


def compare(folder, ending):
    expected = np.loadtxt(os.path.join(folder, "logits"))
    found = np.loadtxt(os.path.join(folder, "found"))
    difference = np.abs(found - expected).max()
    print(f"{os.path.basename(folder):36} .{ending:12} largest difference {difference:.1e} "
          f"of logits up to {np.abs(expected).max():.2f}", flush=True)
    # Not-a-number is no smaller than the limit.
    sys.exit(0 if found.shape == expected.shape and difference < LIMIT else 1)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3:])
else:
    compare(sys.argv[2], sys.argv[3])
