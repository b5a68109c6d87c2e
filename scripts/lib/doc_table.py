"""Puts a table between two marks of a document."""

import re


def replace(path, mark, text):
    with open(path, encoding="utf-8") as doc:
        before = doc.read()
    pattern = re.compile(f"(<!-- {mark} begin -->\n).*?(<!-- {mark} end -->)", re.DOTALL)
    after, count = pattern.subn(lambda found: found.group(1) + text + "\n" + found.group(2), before)
    if count != 1:
        raise SystemExit(f"{path} has no marks of {mark}")
    with open(path, "w", encoding="utf-8") as doc:
        doc.write(after)
