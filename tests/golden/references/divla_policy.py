"""The released DiVLA policy, written anew on top of transformers' Qwen2-VL.

Follows the computation of the code that the authors published (github.com/juruobenruo/DexVLA and midea-ai/DexVLA:
film_forward and evaluate, the two pooled projectors, ConditionalUnet1D, DDIM of diffusers 0.11.1), with its parameter
names, in float32. Where the two published versions differ (the older evaluate passes labels of all zeros, so that the
prompt span has one token), this is the later one: the prompt span is the whole prompt, the answer span what was fed
back. Works with transformers 4.45 and 5.
"""

import math

import torch
from torch import nn


class PooledProjector(nn.Module):
    """Mean over tokens, then Linear, exact GELU, Linear."""

    def __init__(self, hidden):
        super().__init__()
        # Index 1 and 3 have no parameters, so that the Linear layers are mlps.0 and mlps.2 as in released files.
        self.mlps = nn.ModuleList([nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.Dropout(0.0)])

    def forward(self, states):  # [n, hidden] -> [hidden]
        pooled = states.mean(dim=0)
        for layer in self.mlps:
            pooled = layer(pooled)
        return pooled


class ReasoningFilm(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.scale_fc = nn.Linear(hidden, hidden)
        self.shift_fc = nn.Linear(hidden, hidden)

    def forward(self, x, reasoning):
        return x * (1 + self.scale_fc(reasoning)) + self.shift_fc(reasoning)


class TimeFeatures(nn.Module):
    """Sines, then cosines, in the model's type, or in `table` where policy_head_config says time_embedding_dtype.

    The released module has a bfloat16 table whatever the model's type is (and only ever runs in bfloat16)."""

    def __init__(self, size, table):
        super().__init__()
        self.size = size
        self.table = {None: None, "float32": None, "bfloat16": torch.bfloat16}[table]

    def forward(self, timestep, dtype):
        half = self.size // 2
        step = math.log(10000) / (half - 1)
        frequency = torch.exp(torch.arange(half, dtype=self.table or dtype) * -step)
        angle = torch.tensor([[timestep]]) * frequency[None, :]  # int64 times a floating type keeps that type
        return torch.cat((angle.sin(), angle.cos()), dim=-1).to(dtype)


class ConvBlock(nn.Module):
    def __init__(self, channels_in, channels_out, kernel, groups=8):
        super().__init__()
        self.block = nn.Sequential(nn.Conv1d(channels_in, channels_out, kernel, padding=kernel // 2),
                                   nn.GroupNorm(groups, channels_out), nn.Mish())

    def forward(self, x):
        return self.block(x)


class ResidualBlock(nn.Module):
    def __init__(self, channels_in, channels_out, condition, kernel, groups):
        super().__init__()
        self.blocks = nn.ModuleList([ConvBlock(channels_in, channels_out, kernel, groups),
                                     ConvBlock(channels_out, channels_out, kernel, groups)])
        self.cond_encoder = nn.Sequential(nn.Mish(), nn.Linear(condition, 2 * channels_out))
        same = channels_in == channels_out
        self.residual_conv = nn.Identity() if same else nn.Conv1d(channels_in, channels_out, 1)

    def forward(self, x, condition):
        scale, bias = self.cond_encoder(condition).unsqueeze(-1).chunk(2, dim=1)
        return self.blocks[1](scale * self.blocks[0](x) + bias) + self.residual_conv(x)


class Resample(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x)


class UnetHead(nn.Module):
    """`c` has the keys of policy_head_config: input_dim (of actions), state_dim, global_cond_dim, down_dims, ..."""

    def __init__(self, c):
        super().__init__()
        self.config = c
        dims, time, hidden = c["down_dims"], c["diffusion_step_embed_dim"], c["global_cond_dim"]

        def block(channels_in, channels_out):
            return ResidualBlock(channels_in, channels_out, time + hidden, c["kernel_size"], c["n_groups"])

        self.norm_after_pool = nn.LayerNorm(hidden)
        self.combine = nn.Linear(hidden + c["state_dim"], hidden)
        features = TimeFeatures(time, c.get("time_embedding_dtype"))
        self.diffusion_step_encoder = nn.ModuleList([features, nn.Linear(time, 4 * time), nn.Mish(),
                                                     nn.Linear(4 * time, time)])
        self.mid_modules = nn.ModuleList([block(dims[-1], dims[-1]) for _ in range(2)])
        self.down_modules = nn.ModuleList()
        for level, out in enumerate(dims):
            last = level == len(dims) - 1
            down = nn.Identity() if last else Resample(nn.Conv1d(out, out, 3, 2, 1))
            self.down_modules.append(
                nn.ModuleList([block(dims[level - 1] if level else c["input_dim"], out), block(out, out), down]))
        self.up_modules = nn.ModuleList()
        for level in range(len(dims) - 1, 0, -1):  # every stage upsamples: the skip of level 0 is never read
            out = dims[level - 1]
            self.up_modules.append(nn.ModuleList([block(2 * dims[level], out), block(out, out),
                                                  Resample(nn.ConvTranspose1d(out, out, 4, 2, 1))]))
        # The last block keeps 8 groups whatever n_groups says.
        self.final_conv = nn.Sequential(ConvBlock(dims[0], dims[0], c["kernel_size"]),
                                        nn.Conv1d(dims[0], c["input_dim"], 1))

    def noise(self, sample, timestep, condition, state):
        """sample [1,T,A], condition [1,hidden], state [1,S] -> predicted noise [1,T,A]."""
        condition = self.combine(torch.cat([self.norm_after_pool(condition), state], dim=-1))
        time = self.diffusion_step_encoder[0](timestep, condition.dtype)
        for layer in list(self.diffusion_step_encoder)[1:]:
            time = layer(time)
        feature = torch.cat([time, condition], dim=-1)
        x, skips = sample.transpose(1, 2), []
        for first, second, down in self.down_modules:
            x = second(first(x, feature), feature)
            skips.append(x)
            x = down(x)
        for middle in self.mid_modules:
            x = middle(x, feature)
        for first, second, up in self.up_modules:
            x = up(second(first(torch.cat((x, skips.pop()), dim=1), feature), feature))
        return self.final_conv(x).transpose(1, 2)

    def denoise(self, noise, condition, state):
        """DDIM without noise of its own (eta 0): noise [1,T,A] -> actions [1,T,A]."""
        steps, samples = self.config["num_train_timesteps"], self.config["num_inference_timesteps"]
        alphas = alphas_cumprod(steps)
        ratio = steps // samples
        sample = noise
        for t in [index * ratio for index in reversed(range(samples))]:
            predicted = self.noise(sample, t, condition, state)
            alpha = alphas[t]
            before = alphas[t - ratio] if t >= ratio else torch.tensor(1.0)
            clean = ((sample - (1 - alpha) ** 0.5 * predicted) / alpha ** 0.5).clamp(-1, 1)
            sample = before ** 0.5 * clean + (1 - before) ** 0.5 * predicted
        return sample


def alphas_cumprod(steps):
    """squaredcos_cap_v2: betas in double precision, stored as float32, multiplied up in float32."""
    bar = [math.cos((t / steps + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(steps + 1)]
    betas = torch.tensor([min(1 - bar[t + 1] / bar[t], 0.999) for t in range(steps)], dtype=torch.float32)
    return torch.cumprod(1.0 - betas, dim=0)


class DivlaPolicy(nn.Module):
    """`qwen` is transformers' Qwen2VLForConditionalGeneration."""

    def __init__(self, qwen, head_config):
        super().__init__()
        hidden = head_config["global_cond_dim"]
        self.qwen = qwen
        self.policy_head = UnetHead(head_config)
        self.input_action_proj = PooledProjector(hidden)
        self.reasoning_action_proj = PooledProjector(hidden)
        self.reasoning_film = ReasoningFilm(hidden)

    def condition(self, prompt, answer):
        """Hidden states after the final norm, [L,hidden] and [G-1,hidden] -> [hidden]."""
        # The released code takes the mean of nothing when the stop token comes first (G = 1); ours is the last state.
        answer = answer if len(answer) else prompt[-1:]
        film = self.reasoning_film(self.input_action_proj(prompt), self.reasoning_action_proj(answer))
        return film + prompt.mean(dim=0)

    def actions(self, condition, state, noise):
        return self.policy_head.denoise(noise[None], condition[None], state[None])[0]

    def released_names(self):
        """Own parameter name -> name in files of the released code, however this transformers nests the backbone."""
        names = {}
        for own in self.state_dict():
            name = own.removeprefix("qwen.")
            names[own] = name.replace("model.language_model.", "model.").replace("model.visual.", "visual.")
        if self.qwen.config.tie_word_embeddings:
            del names["qwen.lm_head.weight"]  # save_pretrained leaves out what is tied
        return names


def seed_policy(policy, seed):
    """Random weights of sizes that make every part matter; FiLM starts at zero in the released code and would not."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(policy.named_parameters()):
            if name.startswith("qwen."):
                continue
            if parameter.dim() > 1:
                spread = 0.5 / math.sqrt(parameter[0].numel())
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)
            else:
                centre = 1.0 if name.endswith("weight") else 0.0  # norms
                parameter.copy_(centre + 0.1 * torch.randn(parameter.shape, generator=generator))
    return policy
