"""What `divla probe` must answer, computed by transformers in float32.

  probe_reference.py FOLDER INPUT.safetensors OUTPUT.safetensors

FOLDER is a Hugging Face folder of Qwen2-VL, of a SigLIP vision model, or one in the names of the released DiVLA code.
Input and output are as policy/README.md describes for `divla probe`. Works with transformers 4.45 (old spelling of
names and config) and 5.
"""

import json
import os
import struct
import sys

import torch
import transformers
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from divla_policy import DivlaPolicy

OLD = transformers.__version__.startswith("4.")
MAX_NEW_TOKENS = 256
ATTENTION = "eager"


def read_input(path):
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        return {name: file.get_tensor(name) for name in file.keys()}, metadata


def images_of(tensors):
    if "images" in tensors:
        return list(tensors["images"].numpy())
    return [tensors[f"image_{index}"].numpy() for index in range(sum(name.startswith("image_") for name in tensors))]


def read_config(folder):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        return json.load(file)


def stop_ids(folder, tokenizer):
    """generation_config.json's, else config.json's, else the tokenizer's <|im_end|>."""
    path = os.path.join(folder, "generation_config.json")
    config = read_config(folder)
    files = [json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}, config,
             config.get("text_config", {})]
    for values in files:
        ids = values.get("eos_token_id")
        if ids is not None:
            return [ids] if isinstance(ids, int) else list(ids)
    return [tokenizer.convert_tokens_to_ids("<|im_end|>")]


def load_tokenizer(folder):
    kind = transformers.Qwen2TokenizerFast if OLD else transformers.Qwen2Tokenizer
    return kind.from_pretrained(folder)


def load_images(folder):
    """Pillow's resize: the processor of transformers 4, the `Pil` one of transformers 5."""
    if OLD:
        return transformers.Qwen2VLImageProcessor.from_pretrained(folder)
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    return Qwen2VLImageProcessorPil.from_pretrained(folder)


def load_siglip_images(folder, size):
    if OLD:
        kind = transformers.SiglipImageProcessor
    else:
        from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil as kind
    if os.path.exists(os.path.join(folder, "preprocessor_config.json")):
        return kind.from_pretrained(folder)
    return kind(size={"height": size, "width": size})


def load_qwen(folder, config=None, state=None):
    name = "torch_dtype" if OLD else "dtype"
    arguments = dict(config=config, state_dict=state, attn_implementation=ATTENTION, **{name: torch.float32})
    model, info = transformers.Qwen2VLForConditionalGeneration.from_pretrained(
        None if state else folder, output_loading_info=True, **{k: v for k, v in arguments.items() if v is not None})
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return model.eval()


def load_policy(folder):
    """Released names -> DivlaPolicy; the backbone keeps the names that this transformers version gives it."""
    config = read_config(folder)
    head = config["policy_head_config"]
    text = {key: value for key, value in config.items() if not key.startswith("policy_head") and key != "model_type"}
    text["vision_config"] = {k: v for k, v in config["vision_config"].items() if k != "model_type"}
    text.pop("torch_dtype", None)
    qwen = transformers.Qwen2VLForConditionalGeneration._from_config(
        transformers.Qwen2VLConfig(**text), attn_implementation=ATTENTION).float()
    policy = DivlaPolicy(qwen, head).float()
    stored = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".safetensors") and name.startswith("model"):
            stored.update(load_file(os.path.join(folder, name)))
    wanted = policy.released_names()
    assert set(wanted.values()) == set(stored), set(wanted.values()) ^ set(stored)
    policy.load_state_dict({own: stored[name].float() for own, name in wanted.items()}, strict=False)
    qwen.tie_weights()
    return policy.eval()


@torch.no_grad()
def qwen_outputs(model, folder, tensors, metadata, keep_answer=False):
    tokenizer = load_tokenizer(folder)
    views = images_of(tensors)
    pixels = load_images(folder)(images=[Image.fromarray(view) for view in views], return_tensors="pt")
    pixel_values, grid = pixels["pixel_values"].float(), pixels["image_grid_thw"].long()
    merge = model.config.vision_config.spatial_merge_size ** 2
    content = [{"type": "image"} for _ in views] + [{"type": "text", "text": metadata["instruction"]}]
    text = tokenizer.apply_chat_template([{"role": "user", "content": content}], tokenize=False,
                                         add_generation_prompt=True)
    parts = text.split("<|image_pad|>", len(views))
    text = parts[0] + "".join("<|image_pad|>" * (int(count) // merge) + part
                              for count, part in zip(grid.prod(1), parts[1:]))
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    inputs = dict(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixel_values, image_grid_thw=grid)
    if not OLD:
        inputs["mm_token_type_ids"] = (ids == model.config.image_token_id).int()
    vision = model.visual(pixel_values, grid_thw=grid) if OLD else model.model.visual(pixel_values, grid).pooler_output
    positions = {}
    if OLD:  # its forward does not compute them by itself
        positions["position_ids"] = model.get_rope_index(ids, grid, None, inputs["attention_mask"])[0]
    whole = model(**inputs, **positions, output_hidden_states=True)
    hidden = whole.hidden_states[-1][0]
    assert torch.allclose(model.lm_head(hidden), whole.logits[0], atol=1e-5)  # so it is after the final norm
    # A fresh configuration: what the folder says about sampling or repetition is not part of the contract.
    stop = stop_ids(folder, tokenizer)
    model.generation_config = transformers.GenerationConfig()
    generated = model.generate(**inputs, generation_config=transformers.GenerationConfig(
        do_sample=False, eos_token_id=stop, pad_token_id=stop[0], use_cache=True, output_hidden_states=True,
        output_scores=True, return_dict_in_generate=True,
        max_new_tokens=int(metadata.get("max_new_tokens", MAX_NEW_TOKENS))))
    new = generated.sequences[0, ids.shape[1]:]
    outputs = {"pixel_values": pixel_values, "image_grid_thw": grid, "input_ids": ids[0], "vision_embeds": vision,
               "logits": whole.logits[0], "generated_ids": new, "hidden_prompt": hidden}
    best = torch.cat(generated.scores).topk(2).values
    told = {"reasoning": tokenizer.decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False)}
    # Not part of the contract: how far every greedy choice was from the runner-up, for whoever picks a seed.
    facts = {"margin": float((best[:, 0] - best[:, 1]).min()), "stopped": int(new[-1]) in stop}
    if keep_answer:
        states = [step[-1][0] for step in generated.hidden_states[1:]]
        return outputs, told, facts, torch.cat(states) if states else hidden[:0]
    return outputs, told, facts


@torch.no_grad()
def siglip_outputs(folder, tensors):
    model = transformers.SiglipVisionModel.from_pretrained(folder, attn_implementation=ATTENTION,
                                                           **{"torch_dtype" if OLD else "dtype": torch.float32}).eval()
    if "pixel_values" in tensors:
        pixels = tensors["pixel_values"].float()
    else:
        views = [Image.fromarray(view) for view in images_of(tensors)]
        pixels = load_siglip_images(folder, model.config.image_size)(images=views, return_tensors="pt")["pixel_values"]
    return {"vision_embeds": model(pixel_values=pixels).last_hidden_state.flatten(0, 1)}


def reference(folder, tensors, metadata):
    """(tensors, metadata, facts) as `divla probe FOLDER` must write them, and facts about the greedy choices."""
    kind = read_config(folder)["model_type"]
    if kind == "siglip_vision_model":
        return siglip_outputs(folder, tensors), {}, {}
    if kind == "qwen2_vl":
        return qwen_outputs(load_qwen(folder), folder, tensors, metadata)
    policy = load_policy(folder)
    outputs, told, facts, answer = qwen_outputs(policy.qwen, folder, tensors, metadata, keep_answer=True)
    with torch.no_grad():
        outputs["condition"] = policy.condition(outputs["hidden_prompt"], answer)
        outputs["actions"] = policy.actions(outputs["condition"], tensors["state"], tensors["noise"])
    return outputs, told, facts


def write(path, outputs, metadata):
    """A safetensors file with one order of everything: the library writes metadata in a random one."""
    kinds = {torch.uint8: "U8", torch.int64: "I64", torch.float32: "F32"}
    header, blocks, end = {"__metadata__": dict(sorted(metadata.items()))}, [], 0
    for name, value in sorted(outputs.items()):
        blocks.append(value.contiguous().numpy().tobytes())
        header[name] = {"dtype": kinds[value.dtype], "shape": list(value.shape),
                        "data_offsets": [end, end + len(blocks[-1])]}
        end += len(blocks[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


if __name__ == "__main__":
    given, words = read_input(sys.argv[2])
    result, told_words, choice = reference(sys.argv[1], given, words)
    write(sys.argv[3], result, told_words)
    print({name: list(value.shape) for name, value in result.items()}, told_words, choice)
