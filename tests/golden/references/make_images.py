"""Reference vectors for image preprocessing: images/smart_resize.json and images/resize.safetensors.

  make_images.py            writes both (transformers 5)
  make_images.py --check    compares them with the installed transformers (4.45 too) and Pillow

smart_resize.json: each line has the size of an image, factor, limits, and `result` [height, width] by transformers 5,
or null where it refuses. `old` is what version 4.45 answers: it refuses sides shorter than the factor, and lets a side
of a too large image shrink to 0.

resize.safetensors: NAME.input and NAME.output, uint8 [H,W,3]; the output is Pillow's bicubic resize to its own shape.
"""

import json
import os
import random
import sys

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file
from transformers import __version__ as version

from make_tokenizer import HERE

SIZES = os.path.join(HERE, "images", "smart_resize.json")
PIXELS = os.path.join(HERE, "images", "resize.safetensors")
OLD = version.startswith("4.")


def smart_resize(*arguments):
    if OLD:
        from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize as real
    else:
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize as real
    try:
        return list(real(*arguments))
    except ValueError:
        return None


def without_checks(height, width, factor, low, high):
    """Version 4.45 beside 5: two differences, checked against the real function by --check."""
    if min(height, width) < factor:
        return None
    result = smart_resize(height, width, factor, low, high)
    if result and round(height / factor) * round(width / factor) * factor * factor > high:
        beta = (height * width / high) ** 0.5
        result = [int(height / beta // factor) * factor, int(width / beta // factor) * factor]
    return result


def size_cases():
    rng = random.Random(77)
    standard = [(28, 3136, 12845056), (28, 3136, 1003520), (28, 784, 28224), (32, 3136, 1003520), (14, 196, 200704)]
    sides = [14, 42, 70, 98, 126, 154, 182, 210, 13, 15, 27, 28, 29, 41, 43, 55, 56, 57, 69, 71]
    cases = [(h, w, 28, 784, 12845056) for h in sides[:8] for w in sides[:8]]  # halves: to the even multiple
    cases += [(h, w, *standard[0]) for h in sides for w in (28, 71, 240)]
    for size in [(240, 320), (480, 640), (270, 480), (224, 224), (112, 112), (56, 56), (96, 96), (1080, 1920),
                 (2160, 3840), (5000, 5000), (3584, 3584), (3585, 3584), (10000, 100), (100, 10000), (28, 5600),
                 (28, 5601), (5601, 28), (30, 5999), (30, 6000), (30, 6001), (1, 1), (1, 200), (1, 201), (2, 400)]:
        cases += [(*size, *limits) for limits in standard]
    for _ in range(120):
        limits = rng.choice(standard)
        height, width = (rng.randint(1, rng.choice([60, 600, 6000])) for _ in range(2))
        cases.append((height, width, *limits))
    return sorted(set(cases))


def pictures():
    """(name, image, height, width)."""
    rng = np.random.default_rng(88)

    def noise(h, w):
        return rng.integers(0, 256, (h, w, 3), dtype=np.uint8)

    def steps(h, w):  # black and white blocks: overshoot is clipped, after each of the two passes
        y, x = np.mgrid[0:h, 0:w]
        return np.stack([((x // 3 + y // 2) % 2) * 255, (x > w // 2) * 255, (y % 2) * 255], -1).astype(np.uint8)

    def gradient(h, w):
        y, x = np.mgrid[0:h, 0:w]
        bands = [x * 255 // max(w - 1, 1), y * 255 // max(h - 1, 1), (x + y) * 255 // (w + h)]
        return np.stack(bands, -1).astype(np.uint8)

    shapes = [(24, 32, 28, 28), (33, 47, 28, 28), (61, 20, 56, 28), (50, 50, 28, 28), (28, 40, 28, 28),
              (40, 28, 28, 28), (28, 28, 28, 28), (1, 1, 28, 28), (1, 37, 28, 56), (37, 1, 28, 28), (2, 2, 28, 28),
              (3, 90, 14, 28), (97, 5, 28, 14), (13, 17, 14, 14), (100, 9, 7, 5), (5, 5, 3, 3), (29, 31, 28, 28)]
    for h, w, out_h, out_w in shapes:
        size = f"{h}x{w}_to_{out_h}x{out_w}"
        yield "noise_" + size, noise(h, w), out_h, out_w
        if h * w < 1000:
            yield "steps_" + size, steps(h, w), out_h, out_w
        if h * w < 400:
            yield "gradient_" + size, gradient(h, w), out_h, out_w
    for side in (32, 46):  # SigLIP: to a square, whatever the aspect
        for h, w in ((24, 50), (71, 20), (side, 20)):
            yield f"siglip_{h}x{w}_to_{side}x{side}", steps(h, w) ^ (noise(h, w) >> 3), side, side


def resize(image, height, width):
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


def main():
    if "--check" in sys.argv:
        key = "old" if OLD else "result"
        cases = json.load(open(SIZES, encoding="utf-8"))
        wrong = [case for case in cases if smart_resize(
            case["height"], case["width"], case["factor"], case["min_pixels"], case["max_pixels"]) != case[key]]
        stored = load_file(PIXELS)
        names = sorted(name.removesuffix(".input") for name in stored if name.endswith(".input"))
        bad = [n for n in names if not np.array_equal(
            resize(stored[n + ".input"], *stored[n + ".output"].shape[:2]), stored[n + ".output"])]
        print(f"transformers {version}: of {len(cases)} sizes {len(wrong)} differ, of {len(names)} images {len(bad)}")
        sys.exit(bool(wrong or bad))
    os.makedirs(os.path.dirname(SIZES), exist_ok=True)
    lines = [json.dumps(dict(height=h, width=w, factor=f, min_pixels=low, max_pixels=high,
                             result=smart_resize(h, w, f, low, high), old=without_checks(h, w, f, low, high)))
             for h, w, f, low, high in size_cases()]
    with open(SIZES, "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(lines) + "\n]\n")
    tensors = {}
    for name, image, height, width in pictures():
        tensors[name + ".input"] = np.ascontiguousarray(image)
        tensors[name + ".output"] = np.ascontiguousarray(resize(image, height, width))
    save_file(tensors, PIXELS)
    os.chmod(PIXELS, 0o644)
    print(len(lines), "sizes", len(tensors) // 2, "images")


if __name__ == "__main__":
    main()
