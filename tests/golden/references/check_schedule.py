"""Checks the noise schedule and the sampler of divla_policy.py against diffusers' DDIMScheduler, bit for bit.

  check_schedule.py         needs diffusers 0.11.1, which the released code pins (pip install --no-deps is enough)
"""

import sys

import huggingface_hub
import torch

from divla_policy import UnetHead, alphas_cumprod

for gone in ("cached_download", "HfFolder"):  # names that this old version imports and never uses here
    if not hasattr(huggingface_hub, gone):
        setattr(huggingface_hub, gone, None)

from diffusers.schedulers.scheduling_ddim import DDIMScheduler  # noqa: E402

STEPS = 100


class Bent(UnetHead):
    """The sampler with a made-up network: it depends on the step and, not linearly, on the sample."""

    def __init__(self, samples, offsets):
        torch.nn.Module.__init__(self)
        self.config = dict(num_train_timesteps=STEPS, num_inference_timesteps=samples)
        self.offsets = offsets

    def noise(self, sample, timestep, condition, state):
        return torch.tanh(self.offsets[int(timestep)] + 0.3 * sample)


def main():
    scheduler = DDIMScheduler(num_train_timesteps=STEPS, beta_schedule="squaredcos_cap_v2", clip_sample=True,
                              set_alpha_to_one=True, steps_offset=0, prediction_type="epsilon")
    good = torch.equal(scheduler.alphas_cumprod, alphas_cumprod(STEPS))
    print("products of alphas equal:", good)
    for samples in (1, 2, 5, 10, 20, 25, 50, 100):
        generator = torch.Generator().manual_seed(samples)
        head = Bent(samples, torch.randn(STEPS, 1, 8, 7, generator=generator))
        noise = torch.randn(1, 8, 7, generator=generator)
        scheduler.set_timesteps(samples)
        sample = noise
        for timestep in scheduler.timesteps:
            predicted = head.noise(sample, timestep, None, None)
            sample = scheduler.step(model_output=predicted, timestep=timestep, sample=sample).prev_sample
        same = torch.equal(sample, head.denoise(noise, None, None))
        print(samples, "sampling steps equal:", same)
        good = good and same
    sys.exit(not good)


if __name__ == "__main__":
    main()
