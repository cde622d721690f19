"""Lets a lerobot package that asks for Python 3.12 be imported by an older one: lerobot_on_old_python.py SITE_PACKAGES

The package uses the short way to write type parameters (PEP 695) in a few places. Those lines are written the long way;
nothing that is computed changes. Prints the files it changed.
"""
import ast
import pathlib
import re
import sys

NAMES = r"\[(\w+(?:: *\w+)?(?:, *\w+(?:: *\w+)?)*)\]"


def names_of(text):
    return [part.split(":")[0].strip() for part in text.split(",")]


def rewrite(source):
    declared = []

    def note(text):
        for name in names_of(text):
            if name not in declared:
                declared.append(name)

    def with_class(match):
        note(match.group(2))
        generic = "_typing.Generic[%s]" % ", ".join(names_of(match.group(2)))
        bases = match.group(3)
        return "class %s(%s):" % (match.group(1), generic if not bases else bases + ", " + generic)

    def with_function(match):
        note(match.group(2))
        return match.group(1) + "("

    source = re.sub(r"^class (\w+)%s(?:\(([^)]*)\))?:" % NAMES, with_class, source, flags=re.M)
    source = re.sub(r"^(\s*def \w+)%s\(" % NAMES, with_function, source, flags=re.M)
    source = re.sub(r"^type (\w+) = ", r"\1 = ", source, flags=re.M)
    lines = ["import typing as _typing"] + ['%s = _typing.TypeVar("%s")' % (name, name) for name in declared]
    # After the last of the imports from __future__, which must stand first.
    place = 0
    for match in re.finditer(r"^from __future__ import .*\n", source, flags=re.M):
        place = match.end()
    return source[:place] + "\n".join(lines) + "\n" + source[place:]


def main():
    for path in sorted(pathlib.Path(sys.argv[1], "lerobot").rglob("*.py")):
        source = path.read_text()
        try:
            ast.parse(source)
            continue
        except SyntaxError:
            pass
        changed = rewrite(source)
        ast.parse(changed)
        path.write_text(changed)
        print(path)


if __name__ == "__main__":
    main()
