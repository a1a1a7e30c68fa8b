"""Text that may be shown: no control characters in messages, no invisible ones in labels, no "1 rows"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

#: Category Cf: marks of reading direction, zero-width joints, byte order marks.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PRINTED = bytes(range(32, 127))
_SPACES = re.compile(r"\s+")

#: What a spreadsheet writes where a formula has no value: never a label.
NO_VALUE = frozenset({"=", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def safe_text(text: object, *, limit: int = 120) -> str:
    """
    Make a name fit to be printed in a message.

    Control characters become "?", so that no name of a file or a column can
    move the cursor or colour a terminal; long names are cut in the middle.

    Parameters
    ----------
    text : object
        Anything with a `str`: a path, a column name.
    limit : int
        Characters to keep.
    """
    plain = INVISIBLE.sub("?", _CONTROL.sub("?", str(text)))
    # A file name that is not UTF-8 reaches Python as lone surrogates, which cannot be printed.
    plain = plain.encode("utf-8", "replace").decode("utf-8")
    if len(plain) <= limit:
        return plain
    half = (limit - 3) // 2
    return f"{plain[:half]}...{plain[-half:]}"


def counted(number: float, thing: str) -> str:
    """Write a whole number and what is counted: "1 row", "1,234 rows"."""
    return f"{number:,.0f} {thing}{'' if number == 1 else 's'}"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join phrases as a sentence does: "a, b and c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def nearest(word: str, known: Iterable[str], *, form: str = "'{}'") -> str:
    """
    Say which known word was probably meant: " Did you mean 'run'?", or "" where none is alike.

    `form` says how the word is written, with {} in its place.
    """
    folded = {one.casefold(): one for one in sorted(known)}
    found = get_close_matches(word.casefold(), folded, n=1)
    return f" Did you mean {form.format(folded[found[0]])}?" if found else ""


def clean_label(text: str) -> str:
    """
    Return a label (crime type, street) as one line without invisible characters.

    Spaces are trimmed and folded, so that "Robbery " and "Robbery" are one type.
    """
    if text in NO_VALUE:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    return _SPACES.sub(" ", _CONTROL.sub(" ", text)).strip()


def is_tidy(texts: Iterable[str]) -> bool:
    """
    Say whether `clean_label` would change none of these texts.

    Looks at all of them as one string, which is a hundred times faster than
    one by one; "no" may also mean "look closer".
    """
    texts = list(texts)
    joined = "|".join(("", *texts, ""))
    spaced = "  " in joined or " |" in joined or "| " in joined
    plain = joined.isascii() and not joined.encode("ascii").translate(None, _PRINTED)
    return plain and not spaced and NO_VALUE.isdisjoint(texts)
