"""Hard strings for the tokenizer, with the ids that transformers' Qwen2 tokenizer gives: tokenizer_cases.json.

Ids alone would forgive most wrong splits of rare characters, because their bytes have no merges. So each case also has
`pieces`, the lengths in bytes of the pieces that the pre-tokenizer makes of the NFC-normalised text (special tokens are
plain text to it), and unicode.json has the class of every code point as the pre-tokenizer sees it, and every code
point that NFC changes.

  tokenizer_cases.py                writes the files (transformers 5)
  tokenizer_cases.py --check        compares the file with the installed transformers (also 4: fast and slow) and
                                    lists the strings on which they differ
"""

import json
import os
import random
import sys

from make_tokenizer import HERE, SPECIAL, make

PATH = os.path.join(HERE, "tokenizer", "tokenizer_cases.json")
WHITE = ["\t", "\n", "\r", "\r\n", "\n\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u180e",
         "\u2000", "\u2009", "\u200b", "\u200c", "\u200d", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000",
         "\ufeff"]
MARKS = ["e\u0301", "\u00e9", "A\u030a", "\u212b", "\u212a", "\u2126", "\u1100\u1161\u11a8", "\uac01", "\uac00\u11a8",
         "q\u0323\u0307", "q\u0307\u0323", "\u1e0b\u0323", "\u0958", "\u0915\u093c", "\u0344", "\u0340", "\u0374",
         "\u037e", "\u0387", "\u2000", "\u2329", "\uf900", "\ufa0e", "\U0002f800", "\u0b4b", "\u0b47\u0b3e",
         "\U0001d15e", "\u09dc", "\u0301", " \u0301", "\n\u0301", "1\u0301", "!\u0301", "\u0301a", "a\u0301\u0301",
         "\u0f73", "\u0f71\u0f72", "\ufb1d", "\ufb01", "\u2460", "\uff21", "\u00bd", "\u0308\u0301",
         "a\u0315\u0300\u05ae\u0062", "\U00011099\U000110ba"]
NUMBERS = ["0123456789", "3.14", "1,000,000", "\u0663\u0664\u0665", "\u0967\u0968\u0969", "\u0e51\u0e52",
           "\uff11\uff12", "\u2163", "\u2177\u2178", "\u00b2\u00b3\u00b9", "\u2075", "\u2082", "\u00bd\u00be",
           "\u2460\u2461", "\u3007\u3021", "\u4e00\u4e8c\u4e09", "\U0001d7d8\U0001d7d9", "\U00010107", "\u0bf0",
           "a1b2", "1a", "x\u00b2y", "12\u0663a", "1st2nd", " 7", "  7", "7 8", "-5", "+5e10"]
LETTERS = ["hello", "HELLO", "\u65e5\u672c\u8a9e", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22",
           "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0627\u0644\u0639\u0631\u0628\u064a\u0651\u0629",
           "\u05e9\u05dc\u05d5\u05b9\u05dd", "\u1200\u1208", "\u10d0\u10d1", "\u13a0\uab70", "\U00010400\U00010428",
           "\U0001d400", "\U00020000\U0002a6df", "\u01c5", "\u02b0", "\u00aa\u00ba", "\u0345", "\u2c00", "\ua9a0",
           "\u1820\u182d", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0cb6\u0ccd\u0cb0\u0cc0", "na\u00efve caf\u00e9",
           "stra\u00dfe", "\u0130\u0131", "\u01c4", "\u0149", "\u1e9e", "\u03c3\u03c2", "\u1f80",
           "Ti\u1ebfng Vi\u1ec7t", "\ud55c\uad6d\uc5b4", "\u3072\u3089\u304c\u306a\u30ab\u30bf\u30ab\u30ca",
           "\uff76\uff9e", "\u30ab\u3099", "\u0419\u0438\u0306", "\U0001e900", "\U00016800", "\u07ca"]
CONTRACTIONS = ["'s", "'S", "'\u017f", "'t", "'T", "'re", "'RE", "'Re", "'ve", "'VE", "'m", "'ll", "'LL", "'lL", "'d",
                "'D", "'x", "''s", "'\ufb06", "\u2019s", "'re'", "'sa", "'llama", "'\u017fa", "'st", "'1", "' s",
                "'r", "'v", "'l", "'\u212a"]
SYMBOLS = ["!", "...", "?!", "->", "==", "/*", "*/", "{}", "()", "\u20ac", "\u2192", "\u2713", "\u00a7\u00b6",
           "\u3002\u3001", "\u300c\u300d", "\u00a1\u00bf", "\u2022", "\u2018\u2019", "\u2026", "~`", "\u221e\u2260",
           "\u0e3f", "\u061f\u060c", "\u0964", "_", "__init__", "a_b", "#!", "\\n", "\u00ad", "\u2212", "\u02c6", "^",
           "\u0378", "\u0e5a"]
EMOJI = ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea",
         "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\u263a",
         "\U0001f9d1\u200d\U0001f680", "\U0001fae0", "\U0001faea", "\U0001f6dc"]
OTHER = ["\x00", "\x01\x02", "\x7f", "\x80\x9f", "\x1b[0m", "\ue000\uf8ff", "\U000f0000", "\U0010ffff", "\ufffd",
         "\ufffe", "\uffff", "\u0560\u0588", "\u0378\u0379", "\u1c89", "\ua7cb", "\U00010d40", "\U0001e5d0",
         "\U0003ffff", "\U000323af", "\u2fff", "\u0870", "\u0897", "\u1acf", "\u1cf7", "\u20c0", "\u19da", "\u1369",
         "\u180b", "\u034f", "\u115f", "\u3164", "\uffa0", "\u00b7", "\u2071", "\u24b6\u24d0", "\u2118", "\u212e",
         "\u1885", "\u0670", "\u0903", "\u093e", "\u0e33", "\u0eb3", "\ufe00", "\U000e0100", "\u20dd", "\u0488",
         "\ua670", "\u16ee", "\u3192", "\u1d2c", "\U0001f130"]
TEXT = ["", "Put the red cup on the plate.", "Pick purple cube to blue box.", "I am hungry", "  leading",
        "trailing  ", "two  spaces   three", "tab\tand\t\ttabs", "line\nline", "line\r\nline\r\n", "a\n\n\nb",
        "a \n b", "a \n\n  b", " \n", "\n ", "  \n  ", "\r", "a\r\rb", "   ", " ", "a ",
        "x = f(y);  // comment\n    return x;", "don't can't I'LL we've SHE'S", "it'\u017f here",
        "http://a.b/c?d=e&f=g#h", "\u201cquoted\u201d \u2014 dash",
        "\u524d\u9762\u6709 3 \u4e2a\u676f\u5b50\uff0c\u8bf7\u62ff\u8d77\u7ea2\u8272\u7684\u3002", "a" * 300,
        " " * 200, " " * 37+"x", "\n" * 50, "ab " * 60, "9" * 40, "." * 70, "!\r\n!", "!\n\n a", " !\n",
        "x!\r\n\r\ny", "  \t \n\t x", "a\u00a0b", "\u00a0\u00a0x", "\u3000\u3000\u65e5", "a\u0085b", "a\u2028b",
        "x\u200by", "\ufeffBOM", "\u2028\n\u2028"]
BROKEN = ["<|im_end|", "|im_end|>", "<im_end>", "< |im_end|>", "<|im_end |>", "<|IM_END|>", "<|im_end|>>",
          "<<|im_end|>", "<|im_<|im_end|>end|>", "<|im_end|><|im_end|>", " <|im_end|> ", "a<|im_end|>b",
          "\u00e9<|endoftext|>\u0301", "e<|im_start|>\u0301", "<|im_start|>user\n<|im_end|>\n", "<|\nim_end|>",
          "<|vision_start|><|vision_end|>", "<|box_start|>(12,34),(56,78)<|box_end|>", "<|endoftext|>" * 3,
          "\n<|im_end|>\n", "'<|im_end|>'s", "<|fim_prefix|>", "<tool_call>", "<|im_end\u200b|>", "<|im\u005fend|>",
          "\uff1c|im_end|>", "a <|quad_start|>  b", "  <|im_end|>  "]


def strings():
    rng = random.Random(20240917)
    cases = list(TEXT) + BROKEN + LETTERS + NUMBERS + CONTRACTIONS + MARKS + EMOJI + OTHER + SYMBOLS + SPECIAL
    for white in WHITE:
        cases += [white, "a" + white + "b", white + white + "a", "!" + white + "1", "a " + white, " " + white + " b"]
    words = LETTERS + NUMBERS + CONTRACTIONS + MARKS + EMOJI + OTHER + SYMBOLS
    for _ in range(160):  # everything beside everything
        parts = [rng.choice(words if rng.random() < 0.6 else WHITE + [" ", " ", "  "] + BROKEN[:6] + SPECIAL[:4])
                 for _ in range(rng.randint(2, 9))]
        cases.append("".join(parts))
    for _ in range(60):  # any code points
        cases.append("".join(chr(rng.choice([rng.randrange(0x20, 0x250), rng.randrange(0x250, 0xd800),
                                             rng.randrange(0xe000, 0x30000)])) for _ in range(rng.randint(1, 8))))
    seen = set()
    return [text for text in cases if not (text in seen or seen.add(text))]


def ids_of(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def pieces_of(tokenizer, text):
    backend = tokenizer.backend_tokenizer
    normal = backend.normalizer.normalize_str(text)
    # The byte-level alphabet has one character for each byte.
    return [len(piece) for piece, _ in backend.pre_tokenizer.pre_tokenize_str(normal)]


def unicode_facts(tokenizer):
    """Class by how the splitter treats a character between others; ranges are [first, last]."""
    backend = tokenizer.backend_tokenizer
    split, nfc = backend.pre_tokenizer.pre_tokenize_str, backend.normalizer.normalize_str
    classes = {"letter": [], "number": [], "space": []}  # all else is a symbol; CR and LF are spaces
    changed = []
    for code in range(0x110000):
        if 0xd800 <= code < 0xe000:
            continue
        c = chr(code)
        between = [len(piece) for piece, _ in split("!" + c + "!")]
        size = len(c.encode())
        if between != [size + 2]:
            kind = "letter" if between == [size + 1, 1] and c != "\n" and c != "\r" else None
            kind = kind or ("number" if len(split("a" + c + "a")) == 3 and c not in "\r\n" else "space")
            ranges = classes[kind]
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
        if nfc(c) != c:
            changed.append([code, [ord(x) for x in nfc(c)]])
    return classes, changed


def main():
    import transformers
    if "--check" not in sys.argv:
        tokenizer = make(0)
        tokenizer.save_pretrained(os.path.join(HERE, "tokenizer"))
        lines = [json.dumps({"text": text, "ids": ids_of(tokenizer, text), "pieces": pieces_of(tokenizer, text)})
                 for text in strings()]
        with open(PATH, "w", encoding="utf-8") as out:
            out.write("[\n" + ",\n".join(lines) + "\n]\n")
        classes, changed = unicode_facts(tokenizer)
        with open(os.path.join(HERE, "tokenizer", "unicode.json"), "w", encoding="utf-8") as out:
            rows = [json.dumps(name) + ": " + json.dumps(value, separators=(",", ":"))
                    for name, value in list(classes.items()) + [("nfc", changed)]]
            out.write("{\n" + ",\n".join(rows) + "\n}\n")
        print(len(lines), "strings", {name: sum(b - a + 1 for a, b in ranges) for name, ranges in classes.items()},
              len(changed), "changed by NFC")
        return
    cases = json.load(open(PATH, encoding="utf-8"))
    kinds = [True, False] if transformers.__version__.startswith("4.") else [True]
    for fast in kinds:
        tokenizer = make(0, fast)
        different = [case["text"] for case in cases if ids_of(tokenizer, case["text"]) != case["ids"]]
        print(transformers.__version__, "fast" if fast else "slow", len(cases), "strings,", len(different), "differ")
        for text in different:
            print("  ", ascii(text))


if __name__ == "__main__":
    main()
