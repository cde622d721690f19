"""Writes the small models under models/, the inputs of `divla probe` for them, and what must come out.

  make_models.py            those that the installed transformers writes (run it with 4.45.2 and with 5)
  make_models.py --check    computes the outputs again from the stored folders and prints the largest differences

Each models/NAME holds a checkpoint folder; beside it NAME.CASE.input.safetensors and NAME.CASE.expected.safetensors.
"""

import glob
import json
import math
import os
import shutil
import sys

import torch
import transformers

from make_tokenizer import HERE, SPECIAL
from probe_reference import read_input, reference, write
from random_models import OLD, SMALL_MERGES, qwen_config, save_policy, save_qwen, save_siglip

MODELS = os.path.join(HERE, "models")
FIRST_SPECIAL = 256 + SMALL_MERGES


def special(name):
    return FIRST_SPECIAL + SPECIAL.index(name)


def view(seed, height, width):
    """uint8 [H,W,3]: gradients, a hard edge and noise."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    phase = torch.rand(3, generator=generator)
    waves = [0.5 + 0.5 * torch.sin(6 * (p + x * (1 + i) + y * (2 - i))) for i, p in enumerate(phase)]
    image = torch.stack(waves, -1)
    image = torch.where((x > phase[0])[..., None], image, 1 - image)
    image = image * 215 + torch.rand(height, width, 3, generator=generator) * 40
    return image.clamp(0, 255).to(torch.uint8)


def input_of(instruction, sizes=(), same=None, tokens=None, seed=0, policy=None):
    """`sizes` of image_0, image_1, ...; `same` (K,H,W) for `images`; `policy` (S, T, A)."""
    tensors = {f"image_{i}": view(seed + i, *size) for i, size in enumerate(sizes)}
    if same:
        tensors["images"] = torch.stack([view(seed + i, *same[1:]) for i in range(same[0])])
    if policy:
        generator = torch.Generator().manual_seed(seed + 100)
        tensors["state"] = torch.randn(policy[0], generator=generator)
        tensors["noise"] = torch.randn(policy[1:], generator=generator)
    metadata = {"instruction": instruction}
    if tokens is not None:
        metadata["max_new_tokens"] = str(tokens)
    return tensors, metadata


def head(**more):
    return dict(input_dim=7, state_dim=5, global_cond_dim=64, down_dims=[8, 16, 24], diffusion_step_embed_dim=16,
                prediction_horizon=8, **more)


def save_hub_spelling(folder, seed):
    """The writer turns the published checkpoints' rope_scaling into type "default"; this has it as they do."""
    config = qwen_config(SMALL_MERGES, layers=1, vision_depth=1, embed=24)
    scaling = dict(config["rope_scaling"])
    del config["eos_token_id"], config["bos_token_id"]
    save_qwen(folder, config, seed, torch.bfloat16, fast=False, bias=("<|im_end|>", 3.0))
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        written = json.load(file)
    written["rope_scaling"] = scaling
    with open(path, "w", encoding="utf-8") as file:
        json.dump(written, file, indent=2)


BUILD = {
    # Several views of different size, grouped queries, own lm_head, two stop tokens in generation_config.json.
    "qwen_gqa_f32": (False, lambda folder, seed: save_qwen(
        folder, qwen_config(SMALL_MERGES, hidden=48, sections=(2, 2, 2), intermediate=80, embed=24), seed,
        generation={"eos_token_id": [special("<|im_end|>"), special("<|endoftext|>")], "do_sample": True,
                    "temperature": 0.3, "repetition_penalty": 1.5})),
    # Tied, in shards, bfloat16, ungrouped heads, no generation_config: config.json's stop token.
    "qwen_tied_shards_bf16": (False, lambda folder, seed: save_qwen(
        folder, qwen_config(SMALL_MERGES, hidden=80, heads=5, kv_heads=5, tied=True, eps=1e-5, theta=10000.0, layers=1,
                            intermediate=64, embed=24, vision_depth=1), seed, torch.bfloat16, shard="120KB")),
    # Names model.language_model.* and model.visual.*; vocab_size above the tokenizer's; float16; one kv head.
    "qwen_nested_padded_f16": (False, lambda folder, seed: save_qwen(
        folder, qwen_config(SMALL_MERGES, kv_heads=1, embed=24, vision_depth=1, vocab_size=448,
                            sections=(4, 2, 2), layers=1), seed,
        torch.float16, nested_names=True, bias=("<|im_end|>", 3.0))),
    # Written by transformers 4.45: flat config, slow tokenizer's files, no stop token in any json.
    "qwen_old_bf16": (True, save_hub_spelling),
    "siglip_f32": (False, lambda folder, seed: save_siglip(
        folder, seed, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, image_size=58,
        patch_size=14)),
    "siglip_old_defaults_f16": (True, lambda folder, seed: save_siglip(
        folder, seed, torch.float16, drop=("patch_size", "num_channels", "hidden_act", "layer_norm_eps",
                                          "attention_dropout"),
        hidden_size=30, intermediate_size=36, num_hidden_layers=2, num_attention_heads=3, image_size=32)),
    "divla_released_bf16": (True, lambda folder, seed: save_policy(
        folder, qwen_config(SMALL_MERGES, layers=1, embed=24, tied=True), head(), seed)),
}
HARD = ("e\u0301 <|im_end|>\n<|im_start|>user\n don't <|box_start|>(1,2)<|box_end|> "
        "\u628a\u7ea2\u8272\u7684\u676f\u5b50\r\n\U0001f44d\U0001f3fd  3.14")
CASES = {
    "qwen_gqa_f32.two_sizes": lambda: input_of("Put the red cup on the plate.", [(40, 30), (56, 90)], tokens=12),
    "qwen_gqa_f32.hard_text": lambda: input_of(HARD, [(28, 28)], tokens=5, seed=7),
    "qwen_tied_shards_bf16.three_equal": lambda: input_of("Pick purple cube.", same=(3, 30, 33), tokens=8),
    "qwen_nested_padded_f16.empty_text": lambda: input_of("", [(40, 47)], tokens=24, seed=3),
    "qwen_old_bf16.default_tokens": lambda: input_of("  I am hungry ", [(30, 90), (33, 33)], seed=5),
    "siglip_f32.two_views": lambda: input_of("", same=(2, 71, 40)),
    "siglip_old_defaults_f16.pixels": lambda: ({"pixel_values": view(9, 64, 32).float().permute(2, 0, 1).reshape(
        3, 2, 32, 32).transpose(0, 1).contiguous() / 127.5 - 1}, {}),
    "divla_released_bf16.two_sizes": lambda: input_of("Place the cup on the plate.", [(28, 28), (40, 62)], tokens=9,
                                                      policy=(5, 8, 7)),
    "divla_released_bf16.one_token": lambda: input_of("caf\u00e9", same=(1, 28, 28), tokens=1, policy=(5, 8, 7)),
}


# Greedy choices must not be near ties, which could fall either way in correct float32 arithmetic; and these must stop.
MARGIN = 0.01
STOPPING = {"qwen_nested_padded_f16.empty_text", "qwen_old_bf16.default_tokens"}
# These must write an id that no token has: text leaves it out.
PADDING = {"qwen_nested_padded_f16.empty_text"}


def make(name, build, seed):
    """Writes the folder, inputs and expected outputs; False when the seed does not suit."""
    folder = os.path.join(MODELS, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    build(folder, seed)
    for case, make_input in CASES.items():
        if not case.startswith(name + "."):
            continue
        path = os.path.join(MODELS, case + ".input.safetensors")
        tensors, metadata = make_input()
        write(path, tensors, metadata)
        outputs, words, facts = reference(folder, *read_input(path))
        assert all(bool(torch.isfinite(value.double()).all()) for value in outputs.values())
        write(path.replace(".input.", ".expected."), outputs, words)
        for file in glob.glob(os.path.join(folder, "*")):
            os.chmod(file, 0o644)  # some writers leave weights readable for the owner alone
        written = outputs.get("generated_ids", torch.zeros(0))
        if facts and (facts["margin"] < MARGIN or facts["stopped"] != (case in STOPPING)
                      or (facts["stopped"] and len(written) < 4)
                      or (case in PADDING and int(written.max()) < FIRST_SPECIAL + len(SPECIAL))):
            return False
        print(case, "seed", seed, {key: list(value.shape) for key, value in outputs.items()}, words, facts,
              written.tolist(), flush=True)
    return True


def compare(name, path):
    stored, _ = read_input(path)
    given = read_input(path.replace(".expected.", ".input."))
    outputs, _, _ = reference(os.path.join(MODELS, name.split(".")[0]), *given)
    assert set(outputs) == set(stored)
    print(name, {key: float((outputs[key].double() - stored[key].double()).abs().max()) for key in sorted(stored)})


def main():
    if "--check" in sys.argv:
        for path in sorted(glob.glob(os.path.join(MODELS, "*.expected.safetensors"))):
            name = os.path.basename(path).removesuffix(".expected.safetensors")
            if BUILD[name.split(".")[0]][0] or not OLD:  # version 4.45 cannot read what 5 writes
                compare(name, path)
        return
    for name, (old, build) in BUILD.items():
        if old == OLD and not any(make(name, build, seed) for seed in range(1, 200)):
            raise SystemExit(name + ": no seed suits")


if __name__ == "__main__":
    print("transformers", transformers.__version__)
    main()
