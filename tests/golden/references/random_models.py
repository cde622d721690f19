"""Small random models, as the installed transformers writes them: used by make_models.py and compare_probe.py."""

import json
import math
import os

import torch
import transformers
from safetensors.torch import save_file

import make_tokenizer
from divla_policy import DivlaPolicy, seed_policy

OLD = transformers.__version__.startswith("4.")
SMALL_MERGES = 130


def randomise(model, seed):
    """Weights large enough that every part shows in the output. Names, not modules, are the order of the stream."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            if "embed_tokens" in name or "embedding.weight" in name:
                # Tied to lm_head, larger ones would make every next token a copy of the last.
                value = noise * (0.3 if getattr(model.config, "tie_word_embeddings", False) else 1.0)
            elif parameter.dim() > 1:
                value = noise * (1.2 / math.sqrt(parameter[0].numel()))
            else:
                value = (1.0 if name.endswith("weight") else 0.0) + 0.2 * noise  # norms; biases
            parameter.copy_(value)
    return model


def qwen_config(merges, hidden=64, heads=4, kv_heads=2, layers=2, intermediate=80, sections=(2, 3, 3), embed=32,
                vision_heads=2, vision_depth=2, tied=False, vocab_size=None, theta=1000000.0, eps=1e-6,
                eos=("<|im_end|>",), **more):
    """Keys as in the hub's config.json of Qwen2-VL; ids of special tokens are those of the small tokenizer."""
    ids = {name: 256 + merges + index for index, name in enumerate(make_tokenizer.SPECIAL)}
    eos_ids = [ids[name] for name in eos]
    return dict(
        vocab_size=vocab_size or 256 + merges + len(ids), hidden_size=hidden, intermediate_size=intermediate,
        num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=kv_heads, rms_norm_eps=eps,
        rope_theta=theta, max_position_embeddings=2048, tie_word_embeddings=tied, max_window_layers=layers,
        rope_scaling={"type": "mrope", "mrope_section": list(sections)}, bos_token_id=ids["<|endoftext|>"],
        eos_token_id=eos_ids[0] if len(eos_ids) == 1 else eos_ids, image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"], vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        vision_config=dict(depth=vision_depth, embed_dim=embed, hidden_size=hidden, num_heads=vision_heads,
                           mlp_ratio=2, patch_size=14, spatial_merge_size=2, temporal_patch_size=2), **more)


def write_extras(folder, merges, min_pixels, max_pixels, fast=True):
    make_tokenizer.make(merges, fast).save_pretrained(folder)
    if OLD:
        processor = transformers.Qwen2VLImageProcessor(min_pixels=min_pixels, max_pixels=max_pixels)
    else:
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
        processor = Qwen2VLImageProcessorPil(min_pixels=min_pixels, max_pixels=max_pixels)
    processor.save_pretrained(folder)


def save_qwen(folder, config, seed, dtype=torch.float32, merges=SMALL_MERGES, min_pixels=784, max_pixels=28224,
              shard="1GB", fast=True, generation=None, bias=None, nested_names=False):
    """`bias`: (token, factor) makes a row of lm_head larger, so that the token comes. `generation`: values of
    generation_config.json, None for no such file."""
    model = transformers.Qwen2VLForConditionalGeneration(transformers.Qwen2VLConfig(**config))
    randomise(model, seed)
    if bias:
        token = 256 + merges + make_tokenizer.SPECIAL.index(bias[0])
        with torch.no_grad():
            model.lm_head.weight[token] *= bias[1]
    model.to(dtype)
    model.config.torch_dtype = dtype
    if generation is not None:
        for key, value in generation.items():
            setattr(model.generation_config, key, value)
    model.save_pretrained(folder, max_shard_size=shard, **({"save_original_format": False} if nested_names else {}))
    path = os.path.join(folder, "generation_config.json")
    if generation is None and os.path.exists(path):
        os.remove(path)
    write_extras(folder, merges, min_pixels, max_pixels, fast)


def save_siglip(folder, seed, dtype=torch.float32, drop=(), **sizes):
    """`drop`: keys to take out of config.json, which must equal the class's defaults."""
    model = transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**sizes))
    randomise(model, seed).to(dtype).save_pretrained(folder)
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    default = transformers.SiglipVisionConfig()
    for key in drop:
        assert config.pop(key) == getattr(default, key), key
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2)


class HeadConfig(transformers.PretrainedConfig):
    """Attributes of the released UnetDiffusionPolicyConfig, so that transformers' writer spells them."""

    model_type = "unet_diffusion_policy"

    def __init__(self, **sizes):
        super().__init__()
        defaults = dict(input_dim=10, noise_samples=1, prediction_horizon=16, num_inference_timesteps=10,
                        global_cond_dim=2048, diffusion_step_embed_dim=256, down_dims=[256, 512, 1024], kernel_size=5,
                        n_groups=8, state_dim=7, num_train_timesteps=100, is_tinyvla=False)
        for key, value in {**defaults, **sizes}.items():
            setattr(self, key, value)


class PolicyConfig(transformers.Qwen2VLConfig):
    model_type = "qwen2_vla"


def save_policy(folder, config, head, seed, dtype=torch.bfloat16, merges=SMALL_MERGES, fast=True, min_pixels=784,
                max_pixels=28224, bias=None):
    """Under transformers 4.45, which the released code pins, config.json comes from its own writer."""
    os.makedirs(folder, exist_ok=True)
    qwen = transformers.Qwen2VLForConditionalGeneration(transformers.Qwen2VLConfig(**config))
    policy = seed_policy(DivlaPolicy(randomise(qwen, seed), HeadConfig(**head).to_dict()), seed + 1)
    if bias:
        with torch.no_grad():
            qwen.lm_head.weight[256 + merges + make_tokenizer.SPECIAL.index(bias[0])] *= bias[1]
    state, names = policy.state_dict(), policy.released_names()
    save_file({name: state[own].to(dtype).contiguous() for own, name in names.items()},
              os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    extra = dict(policy_head_type="unet_diffusion_policy", concat="None", using_film=True, llm_loss_weight=1.0,
                 non_lora_lr=2e-5, freeze_vision_tower=False, tune_mm_mlp_adapter=False,
                 architectures=["Qwen2VLForConditionalGenerationForVLA"], torch_dtype=str(dtype).split(".")[1])
    if OLD:
        written = PolicyConfig(**config)
        for key, value in {**extra, "policy_head_config": HeadConfig(**head)}.items():
            setattr(written, key, value)
        written.save_pretrained(folder)
    else:
        written = {**config, **extra, "model_type": "qwen2_vla", "transformers_version": "4.45.2",
                   "policy_head_config": {**HeadConfig(**head).to_dict()}}
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump(written, file, indent=2)
    write_extras(folder, merges, min_pixels, max_pixels, fast)
