"""How fast transformers runs a model of Qwen2-VL-2B's size with random bfloat16 weights: JSON on standard output.

  time_transformers.py [--threads 2] [--tokens 24] [--device cpu] [--layers 28] [--repeat 3] [--save FOLDER]

Three views of 240x320 (99 tokens each) and text make a prompt of 322 tokens, as the released DiVLA code has it. Prints
the medians of the vision tower, of the language model's prefill from ready embeddings, and of one decoded token with
transformers' key-value cache (the call of the model alone, without generate's own work). Weights only ever exist in
memory, 4.4 GB, unless --save asks for a folder, which `divla` can then load: the same weights for both.
"""

import argparse
import json
import statistics
import time

import torch
import transformers

from make_tokenizer import SPECIAL
from random_models import OLD, qwen_config, write_extras

if OLD:
    from transformers.modeling_utils import no_init_weights
else:
    from transformers.initialization import no_init_weights

TEXT_TOKENS = 322 - 3 * (99 + 2)
ALL_MERGES = 1244


def config_2b(layers):
    config = qwen_config(ALL_MERGES, hidden=1536, heads=12, kv_heads=2, layers=layers, intermediate=8960,
                         sections=(16, 24, 24), embed=1280, vision_heads=16, vision_depth=32, tied=True,
                         vocab_size=151936)
    config["vision_config"]["mlp_ratio"] = 4
    config["max_position_embeddings"] = 32768
    return config


def build(layers, device):
    torch.manual_seed(1)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        # Values do not matter for time, but zeros or not-a-numbers might.
        with no_init_weights():
            model = transformers.Qwen2VLForConditionalGeneration(transformers.Qwen2VLConfig(**config_2b(layers)))
    finally:
        torch.set_default_dtype(before)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                parameter.uniform_(-0.03, 0.03)
            else:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
    model.tie_weights()
    return model.eval().to(device)


def prompt(config, device):
    special = {name: 256 + ALL_MERGES + index for index, name in enumerate(SPECIAL)}
    image = [special["<|vision_start|>"]] + [special["<|image_pad|>"]] * 99 + [special["<|vision_end|>"]]
    ids = torch.tensor([list(range(300, 300 + TEXT_TOKENS - 5)) + image * 3 + list(range(400, 405))], device=device)
    grid = torch.tensor([[1, 18, 22]] * 3, device=device)
    pixels = torch.randn(int(grid.prod(1).sum()), 1176, dtype=torch.bfloat16, device=device)
    return ids, grid, pixels


def clock(device, work):
    if device != "cpu":
        torch.cuda.synchronize()
    start = time.perf_counter()
    result = work()
    if device != "cpu":
        torch.cuda.synchronize()
    return result, 1000 * (time.perf_counter() - start)


@torch.no_grad()
def measure(model, tokens, repeat, device):
    ids, grid, pixels = prompt(model.config, device)
    tower = model.visual if OLD else model.model.visual
    embed = model.get_input_embeddings()
    decoder = model.model if OLD else model.model.language_model
    length = ids.shape[1]
    assert length == 322
    # Three images of 9 x 11 tokens move the text position by max(9, 11) each, not by 99.
    first_text, after = TEXT_TOKENS - 5, []
    position, columns = first_text, [torch.arange(first_text).expand(3, -1)]
    for _ in range(3):
        row, column = torch.meshgrid(torch.arange(9), torch.arange(11), indexing="ij")
        columns += [torch.full((3, 1), position),
                    torch.stack([torch.zeros(99, dtype=torch.long), row.flatten(), column.flatten()]) + position + 1]
        position += 12
        columns.append(torch.full((3, 1), position))
        position += 1
    columns.append(torch.arange(position, position + 5).expand(3, -1))
    places = torch.cat(columns, 1)[:, None].to(device)
    position += 5
    times = {"vision_ms": [], "prefill_ms": [], "token_ms": []}
    for _ in range(repeat):
        features, spent = clock(device, lambda: tower(pixels, grid))
        features = features if OLD else features.pooler_output
        times["vision_ms"].append(spent)
        inputs = embed(ids).masked_scatter((ids == model.config.image_token_id)[..., None], features)

        def prefill():
            out = decoder(inputs_embeds=inputs, position_ids=places, past_key_values=transformers.DynamicCache(),
                          use_cache=True)
            return model.lm_head(out.last_hidden_state[:, -1:]).argmax(-1), out.past_key_values

        (token, cache), spent = clock(device, prefill)
        times["prefill_ms"].append(spent)
        after = []
        for step in range(tokens):
            place = torch.full((3, 1, 1), position + step, device=device)

            def decode(token=token, place=place):
                out = decoder(inputs_embeds=embed(token), position_ids=place, past_key_values=cache, use_cache=True)
                return model.lm_head(out.last_hidden_state).argmax(-1)

            token, spent = clock(device, decode)
            after.append(spent)
        times["token_ms"] += after[2:]  # the first ones still allocate
    return {name: round(statistics.median(values), 2) for name, values in times.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--layers", type=int, default=28)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--save")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = build(options.layers, options.device)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    tower = model.visual if OLD else model.model.visual
    decoder = parameters - sum(parameter.numel() for parameter in tower.parameters())
    result = {"transformers": transformers.__version__, "torch": torch.__version__, "device": options.device,
              "threads": options.threads, "attention": model.config._attn_implementation, "parameters": parameters,
              "prompt_tokens": 322, **measure(model, options.tokens, options.repeat, options.device)}
    result["decode_gb_per_s"] = round(2 * decoder / result["token_ms"] / 1e6, 2)  # every weight is read once a token
    print(json.dumps(result))
    if options.save:
        model.save_pretrained(options.save)
        write_extras(options.save, ALL_MERGES, 3136, 1003520, fast=not OLD)


if __name__ == "__main__":
    main()
