"""Compares `divla probe` with transformers on random checkpoints that nobody has seen before.

  compare_probe.py DIVLA_BINARY [--seeds 11 12 13] [--keep FOLDER]

For each seed: a Qwen2-VL folder written by save_pretrained (sizes, heads, tying, type on disk, shards, spelling of
names, stop tokens and views drawn from the seed), a SigLIP vision tower and a policy in the names of the released code.
Prints the largest absolute difference of every output and yes or NO: 1e-4 in float32 tensors, equal integers, equal
reasoning. Exit code 1 on a NO. Works with transformers 4.45 and 5.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

import torch
import transformers

from make_models import input_of
from make_tokenizer import SPECIAL
from probe_reference import read_input, reference, write
from random_models import OLD, qwen_config, save_policy, save_qwen, save_siglip

TOLERANCE = 1e-4
# Below this a greedy choice could fall either way in correct float32 arithmetic: another draw is made.
MARGIN = 2e-3
TEXTS = ["Put the red cup on the plate.", "", "Cafe\u0301 \u628a\u676f\u5b50 <|box_start|>(3,4)<|box_end|>",
         "I am   hungry \n\n now", "say <|im_end|> and go on <|im_start|>user", "x" * 70,
         "\U0001f468\u200d\U0001f469\u200d\U0001f467 it's 12 o'clock\r\n"]


def draw_sizes(rng):
    """Keyword arguments of qwen_config: heads times an even head size, sections that add up to half of it."""
    head_dim = rng.choice([12, 16, 24, 32])
    kv_heads = rng.choice([1, 2, 3])
    heads = kv_heads * rng.choice([1, 2, 4])
    first = rng.randint(1, head_dim // 2 - 2)
    second = rng.randint(1, head_dim // 2 - first - 1)
    embed = rng.choice([4, 8, 12, 20]) * 4
    return dict(hidden=heads * head_dim, heads=heads, kv_heads=kv_heads, layers=rng.randint(1, 4),
                intermediate=rng.choice([72, 120, 200]), sections=(first, second, head_dim // 2 - first - second),
                embed=embed, vision_heads=rng.choice([1, 2, 4]), vision_depth=rng.randint(1, 3),
                tied=rng.random() < 0.5, theta=rng.choice([1e4, 1e6, 5e5]), eps=rng.choice([1e-5, 1e-6]),
                eos=rng.choice([("<|im_end|>",), ("<|im_end|>", "<|endoftext|>"), ("<|endoftext|>",)]))


def draw_input(rng, seed, policy=None):
    tokens = rng.choice([1, 2, 7, 16, 30])
    if rng.random() < 0.3:
        return input_of(rng.choice(TEXTS), same=(rng.randint(1, 3), rng.randint(28, 90), rng.randint(28, 130)),
                        tokens=tokens, seed=seed, policy=policy)
    sizes = [(rng.randint(28, 120), rng.randint(28, 120)) for _ in range(rng.randint(1, 4))]
    return input_of(rng.choice(TEXTS), sizes, tokens=tokens, seed=seed, policy=policy)


def make_qwen(folder, rng, seed):
    merges = rng.choice([60, 300, 1244])
    sizes = draw_sizes(rng)
    padding = rng.choice([0, 0, 50])
    config = qwen_config(merges, vocab_size=256 + merges + len(SPECIAL) + padding, **sizes)
    eos = config["eos_token_id"]
    generation = rng.choice([None, {"eos_token_id": eos}, {"eos_token_id": eos, "repetition_penalty": 1.3}])
    save_qwen(folder, config, seed, rng.choice([torch.float32, torch.bfloat16, torch.float16]), merges,
              min_pixels=rng.choice([784, 3136]), max_pixels=rng.choice([6272, 12544, 1003520]),
              shard=rng.choice(["1GB", "200KB"]), fast=not OLD or rng.random() < 0.5, generation=generation,
              bias=None if sizes["tied"] else ("<|im_end|>", rng.choice([1.0, 3.0])),
              nested_names=not OLD and rng.random() < 0.5)
    return draw_input(rng, seed)


def make_siglip(folder, rng, seed):
    heads, image = rng.choice([1, 2, 3]), rng.choice([32, 56, 70, 97])
    save_siglip(folder, seed, rng.choice([torch.float32, torch.bfloat16]), hidden_size=heads * rng.choice([10, 16, 24]),
                intermediate_size=rng.choice([50, 96]), num_hidden_layers=rng.randint(1, 4), num_attention_heads=heads,
                image_size=image, patch_size=rng.choice([14, 16]))
    return draw_input(rng, seed)


def make_policy(folder, rng, seed):
    merges = rng.choice([60, 300])
    sizes = draw_sizes(rng)
    levels = rng.randint(2, 3)
    actions, state, steps = rng.randint(3, 14), rng.randint(3, 14), rng.choice([4, 8, 16])
    head = dict(input_dim=actions, state_dim=state, global_cond_dim=sizes["hidden"], kernel_size=rng.choice([3, 5]),
                down_dims=[rng.choice([8, 16, 32]) * (level + 1) for level in range(levels)],
                diffusion_step_embed_dim=rng.choice([16, 32, 64]), prediction_horizon=steps,
                num_inference_timesteps=rng.choice([5, 10, 20]))
    save_policy(folder, qwen_config(merges, **sizes), head, seed, rng.choice([torch.float32, torch.bfloat16]), merges)
    return draw_input(rng, seed, policy=(state, steps, actions))


def compare(name, binary, folder, make, seed):
    """Prints the rows of one checkpoint; True when all agree."""
    for attempt in range(50):
        rng = random.Random(f"{name} {seed} {attempt}")
        place = os.path.join(folder, f"{name}-{seed}-{attempt}")
        tensors, metadata = make(place, rng, 1000 * seed + attempt)
        given, expected, answer = (f"{place}.{part}.safetensors" for part in ("input", "expected", "answer"))
        write(given, tensors, metadata)
        outputs, words, facts = reference(place, *read_input(given))
        if facts.get("margin", 1.0) > MARGIN:
            break
    write(expected, outputs, words)
    ran = subprocess.run([binary, "probe", place, given, answer], capture_output=True, text=True)
    print(f"\n{name} seed {seed} (draw {attempt}): "
          + ", ".join(f"{key} {list(value.shape)}" for key, value in tensors.items()))
    if ran.returncode:
        print(f"  exit code {ran.returncode}: {ran.stderr.strip()[-300:]}  NO")
        return False
    found, told = read_input(answer)
    good = True
    for key in sorted(set(outputs) | set(found)):
        if key not in found or key not in outputs:
            text, same = ("missing" if key in outputs else "not asked for"), False
        elif found[key].shape != outputs[key].shape:
            text, same = f"shape {list(found[key].shape)} instead of {list(outputs[key].shape)}", False
        else:
            difference = float((found[key].double() - outputs[key].double()).abs().max()) if found[key].numel() else 0.0
            exact = not outputs[key].is_floating_point()
            text, same = f"{difference:.2e}", difference == 0.0 if exact else difference <= TOLERANCE
        shape = str(list(outputs[key].shape)) if key in outputs else ""
        print(f"  {key:16} {shape:14} {text:12} {'yes' if same else 'NO'}")
        good = good and same
    if words:
        same = told.get("reasoning") == words["reasoning"]
        print(f"  {'reasoning':16} {'':14} {'':12} {'yes' if same else 'NO'}"
              + ("" if same else f"  {told.get('reasoning')!r} instead of {words['reasoning']!r}"))
        good = good and same
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--keep", help="folder to keep the checkpoints in")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    kinds = {"qwen2_vl": make_qwen, "siglip": make_siglip, "divla": make_policy}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        results = [compare(name, os.path.abspath(options.binary), folder, make, seed)
                   for name, make in kinds.items() for seed in options.seeds]
    print(f"\ntransformers {transformers.__version__}: {sum(results)} of {len(results)} checkpoints agree")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
