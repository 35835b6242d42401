# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that exist nowhere but where a person typed them, and where they can be found again."""
import base64, os, pathlib, secrets


def canary():
    """A word of twelve letters that nobody else writes."""
    return "".join(secrets.choice("bcdfghjklmnpqrstvwxyz") for _ in range(12))


def canary_digits(n=10):
    return str(secrets.choice("123456789")) + "".join(secrets.choice("0123456789") for _ in range(n - 1))


def in_base64(data):
    """How @data looks inside base64 of something longer, at each of the three alignments."""
    for shift in range(3):
        whole = len(data) - (len(data) + shift) % 3
        text = base64.b64encode(b"\0" * shift + data[:whole])
        yield text[4 if shift else 0:]


def forms(word):
    """What to look for: in lower case bytes, and in bytes as they are."""
    low = word.lower()
    folded = [low.encode(), low.encode("utf-16-le"), low.encode("utf-16-be"), low.encode().hex().encode()]
    exact = []
    for text in (word, low, word.upper()):
        exact += [form for b in in_base64(text.encode()) for form in (b, b.replace(b"+", b"-").replace(b"/", b"_"))]
    return folded, sorted(set(exact))


def files_below(*places):
    for place in map(pathlib.Path, places):
        if place.is_dir():
            for folder, _, names in os.walk(place):
                yield from (pathlib.Path(folder) / name for name in names)
        elif place.exists():
            yield place


def find(words, *places):
    """{word: [files that hold it]} of the words that some file below @places holds, names of files included."""
    looked_for = {word: forms(word) for word in words}
    found = {}
    for path in files_below(*places):
        if not path.is_file():
            continue
        data = str(path).encode() + b"\n" + path.read_bytes()
        folded = data.lower()
        for word, (low, exact) in looked_for.items():
            if any(form in folded for form in low) or any(form in data for form in exact):
                found.setdefault(word, []).append(str(path))
    return found
