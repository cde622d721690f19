"""Reference vectors for what the vision towers read: pixel_values.safetensors and pixel_values.json beside this file.

  make_pixel_values.py            writes both (transformers 5, Pillow)

For each NAME: NAME.input, uint8 [H,W,3], and NAME.output, float32, as transformers' Pillow-and-numpy processors compute
it; the JSON has the processor's kind and what its save_pretrained wrote, changed as the case says.
"""

import json
import os
import tempfile

import numpy as np
from safetensors.numpy import save_file
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = dict(patch_size=7, min_pixels=196, max_pixels=1000)
CASES = [
    ("as_published", Qwen2VLImageProcessorPil, (40, 60), dict(min_pixels=784, max_pixels=2000)),
    ("tall", Qwen2VLImageProcessorPil, (90, 25), SMALL),
    ("enlarged", Qwen2VLImageProcessorPil, (9, 17), dict(patch_size=7, min_pixels=400, max_pixels=1000)),
    ("small_patches", Qwen2VLImageProcessorPil, (37, 50),
     dict(patch_size=4, merge_size=3, temporal_patch_size=1, min_pixels=144, max_pixels=1500)),
    ("three_times", Qwen2VLImageProcessorPil, (20, 21),
     dict(patch_size=5, merge_size=1, temporal_patch_size=3, min_pixels=25, max_pixels=500)),
    ("no_resize", Qwen2VLImageProcessorPil, (14, 28), dict(do_resize=False, **SMALL)),
    ("no_rescale", Qwen2VLImageProcessorPil, (14, 14), dict(do_rescale=False, **SMALL)),
    ("no_normalize", Qwen2VLImageProcessorPil, (14, 14), dict(do_normalize=False, **SMALL)),
    ("other_numbers", Qwen2VLImageProcessorPil, (15, 13),
     dict(rescale_factor=0.01, image_mean=[0.1, 0.2, 0.3], image_std=[0.4, 0.5, 0.7], **SMALL)),
    ("siglip_wide", SiglipImageProcessorPil, (20, 50), dict(size={"height": 32, "width": 32})),
    ("siglip_small", SiglipImageProcessorPil, (11, 7), dict(size={"height": 20, "width": 20})),
    ("siglip_no_resize", SiglipImageProcessorPil, (20, 20), dict(do_resize=False, size={"height": 20, "width": 20})),
]


def main():
    rng = np.random.default_rng(7)
    tensors, facts = {}, []
    for name, kind, (height, width), options in CASES:
        processor = kind(**options)
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        answer = processor(images=[image], return_tensors="np")
        siglip = kind is SiglipImageProcessorPil
        tensors[name + ".input"] = image
        tensors[name + ".output"] = np.ascontiguousarray(
            answer["pixel_values"][0] if siglip else answer["pixel_values"], dtype=np.float32)
        with tempfile.TemporaryDirectory() as folder:
            processor.save_pretrained(folder)
            with open(os.path.join(folder, "preprocessor_config.json"), encoding="utf-8") as file:
                written = json.load(file)
        facts.append(dict(name=name, siglip=siglip, file=written,
                          grid=[] if siglip else answer["image_grid_thw"][0].tolist()))
    save_file(tensors, os.path.join(HERE, "pixel_values.safetensors"))
    os.chmod(os.path.join(HERE, "pixel_values.safetensors"), 0o644)
    with open(os.path.join(HERE, "pixel_values.json"), "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(fact) for fact in facts) + "\n]\n")


if __name__ == "__main__":
    main()
