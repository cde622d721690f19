"""Trains a small byte-level BPE of Qwen2's form and has transformers write it as folders of a checkpoint.

  make_tokenizer.py train  REPOSITORY          tokenizer/vocab.json and merges.txt, from the texts of a working tree
  make_tokenizer.py fast   COUNT FOLDER        a tokenizer with the first COUNT merges, as the installed transformers
                                               writes Qwen2's fast tokenizer
  make_tokenizer.py slow   COUNT FOLDER        the same by the slow tokenizer, which transformers 4 still has

The first COUNT merges of a trained BPE are themselves a trained BPE. Ids: 256 bytes, merges, then the special tokens
of Qwen2-VL in their order (so no id here is an id of the published models).
"""

import json
import os
import sys
import tempfile

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ["endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end",
         "quad_start", "quad_end", "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"]
SPECIAL = ["<|" + name + "|>" for name in NAMES]
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
         r"|\s+(?!\S)|\s+")
TEXTS = ["README.md", "CONTRIBUTING.md", "policy/README.md", "tasks/README.md", "sim/README.md", "harness/README.md",
         "assets/README.md", "policy/divla/language_model.cc", "policy/divla/tokenizer.cc",
         "harness/report/report.cc"]
# Merges over several bytes of one character, and over characters, need text that is not English.
OTHER = ["把红色的杯子放到盘子上。把蓝色的方块放进黄色的盒子里。", "赤いカップをお皿の上に置いてください。箱のふたを開けて。",
         "Положи красный кубик в синюю коробку, пожалуйста.",
         "Lege den roten Würfel über die größere Schüssel, bitte schön.",
         "Déplace la tasse à café près de l'assiette, s'il te plaît. L'œuf est cassé.", "빨간 컵을 접시 위에 놓아 주세요.",
         "ضع المكعب الأحمر في الصندوق الأزرق", "लाल कप को थाली पर रखो", "วางถ้วยสีแดงบนจาน",
         "Đặt cốc đỏ lên đĩa. Hãy mở nắp hộp."]
# As the model families' own template: a default system turn, images in order, then the text, for one user turn.
CHAT_TEMPLATE = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|im_start|>system\nYou are a helpful "
    "assistant.<|im_end|>\n{% endif %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}{{ m['content'] }}"
    "{% else %}{% for part in m['content'] %}{% if part['type'] == 'image' %}<|vision_start|><|image_pad|>"
    "<|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def train(repository):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    texts = [open(os.path.join(repository, path), encoding="utf-8").read() for path in TEXTS]
    trainer = trainers.BpeTrainer(vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  special_tokens=[], show_progress=False)
    tokenizer.train_from_iterator(texts + OTHER * 12, trainer)
    folder = os.path.join(HERE, "tokenizer")
    os.makedirs(folder, exist_ok=True)
    tokenizer.model.save(folder)


def read_bpe(count):
    """The first `count` merges: (vocabulary by token, merges as pairs)."""
    vocab = json.load(open(os.path.join(HERE, "tokenizer", "vocab.json"), encoding="utf-8"))
    lines = open(os.path.join(HERE, "tokenizer", "merges.txt"), encoding="utf-8").read().split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")][:count]
    limit = 256 + len(merges)
    return {token: index for token, index in vocab.items() if index < limit}, merges


def write_bpe(count, folder):
    vocab, merges = read_bpe(count)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as out:
        json.dump(vocab, out, ensure_ascii=False)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as out:
        out.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return vocab, merges


def make(count, fast=True):
    """A tokenizer object of the installed transformers. COUNT 0: all merges."""
    import transformers
    from transformers import AddedToken
    with tempfile.TemporaryDirectory() as folder:
        vocab, merges = write_bpe(count or 10**9, folder)
        added = [AddedToken(token, special=True, normalized=False) for token in SPECIAL]
        files = os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt")
        none = dict(unk_token=None, bos_token=None, eos_token=None, pad_token=None)
        if not transformers.__version__.startswith("4."):
            assert fast, "transformers 5 has no slow tokenizer"
            tokenizer = transformers.Qwen2Tokenizer(vocab=vocab, merges=merges, **none)
        elif fast:
            tokenizer = transformers.Qwen2TokenizerFast(*files, **none)
        else:
            # The slow one would put its own default tokens first.
            decoder = {len(vocab) + index: token for index, token in enumerate(added)}
            tokenizer = transformers.Qwen2Tokenizer(
                *files, unk_token=None, eos_token=SPECIAL[2], pad_token=SPECIAL[0], added_tokens_decoder=decoder)
        if fast:
            tokenizer.add_tokens(added, special_tokens=True)
            tokenizer.eos_token, tokenizer.pad_token = SPECIAL[2], SPECIAL[0]
    tokenizer.chat_template = CHAT_TEMPLATE
    ids = tokenizer.convert_tokens_to_ids(SPECIAL)
    assert ids == list(range(len(vocab), len(vocab) + len(SPECIAL))), ids
    return tokenizer


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(sys.argv[2])
    else:
        make(int(sys.argv[2]), fast=sys.argv[1] == "fast").save_pretrained(sys.argv[3])
