# SPDX-License-Identifier: MIT
"""Sentences of the gateway, which it writes in English: each of the table stands in the sources, and the page says it in all languages."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = sorted((ROOT / "src/gateway/sentences").glob("*.c"))
OTHERS = ("de", "fr", "es", "zh")  # English is the gateway's own
LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
CONVERSION = re.compile(r"%[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j)?[diuxXcsgfeE]")
PLACE = re.compile(r"\{(\w+)[#!]?\}")
TELLING = 8  # letters between the places of a format: one with fewer fits anything
SYSTEM = "system-"  # the words of the C library
# Those who write what a page shows: whatever they say has a code.
SAYING = ("printer/guard/rules", "printer/guard/judge", "printer/guard/guard", "printer/guard/line", "printer/guard/message", "print/check",
          "gateway/queue/choose", "gateway/queue/follow", "gateway/queue/change", "gateway/queue/send", "printer/command/end", "printer/command/files")
# What stands in logs alone.
UNSAID = ("a print was queued", "a print of the queue began", "a print of the queue ended", "whether a print of the queue was started is not known")
LONG = 3  # spaces: of a sentence, and not of a name or a format
pytestmark = pytest.mark.without_browser


def joined(text):
    """Neighbours are one string."""
    return re.sub(r'(?<!\\)"\s*"', "", text)


def unquoted(text):
    return text.replace('\\"', '"').replace("\\\\", "\\")


@pytest.fixture(scope="module")
def table():
    rows = [row for path in TABLE for row in re.findall(rf"\{{\s*{LITERAL},\s*{LITERAL}\s*\}}", joined(path.read_text(encoding="utf-8")))]
    assert len(rows) == sum(path.read_text(encoding="utf-8").count('\n\t{"') for path in TABLE) > 0
    return [(code, unquoted(text)) for code, text in rows]


def literals(path, known):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8").replace("\\\n", " "), flags=re.S)
    macros = {**known, **dict(re.findall(rf"^#define (\w+)\s+{LITERAL}\s*$", joined(text), re.M))}
    text = re.sub(r"^#include.*$", "", text, flags=re.M)
    text = re.sub(r'"\s*PRI\w+\s*', 'd"', text)
    text = re.sub(r"(?<!#define )\b[A-Z][A-Z_0-9]+\b", lambda name: f'"{macros[name[0]]}"' if name[0] in macros else name[0], text)
    return {unquoted(one) for one in re.findall(LITERAL, joined(text))}


@pytest.fixture(scope="module")
def said():
    known = {"REST_ROOT": "/api/v1"}
    return {path: literals(path, known) for path in (ROOT / "src").rglob("*.c") if not {"sentences", "simulator"} & set(path.parts)}


def format_of(literal):
    """What fits a format that tells anything, else None."""
    parts = CONVERSION.split(literal)
    return None if len(parts) == 1 or len(re.sub(r"\W", "", "".join(parts))) < TELLING else ".*".join(re.escape(part.replace("%%", "%")) for part in parts)


def test_a_code_is_of_one_sentence(table):
    codes = [code for code, _ in table]
    assert sorted(set(codes)) == sorted(codes)
    assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []


def test_a_place_of_a_sentence_has_its_name(table):
    assert [code for code, text in table if len({*PLACE.findall(text)}) != len(PLACE.findall(text)) or re.search(r"[{}]", PLACE.sub("", text))] == []


def test_each_sentence_stands_in_the_sources(table, said):
    """Changed there alone it would be shown in English, and nobody would see it."""
    all_of_it = {one.replace("%%", "%") for found in said.values() for one in found}
    words = "\n".join(all_of_it)
    formats = [re.compile(pattern, re.S) for pattern in filter(None, map(format_of, {one for found in said.values() for one in found}))]
    lost = []
    for code, text in table:
        parts = [part for part in re.split(r"\{[^}]*\}", text) if part.strip()]
        if code.startswith(SYSTEM) or all(part in words for part in parts):
            continue
        if not any(pattern.fullmatch(PLACE.sub("1", text)) for pattern in formats):
            lost.append(f"{code}: {text}")
    assert lost == []


@pytest.mark.parametrize("language", OTHERS)
def test_each_sentence_has_a_text(table, language):
    """Of the names that it has; an argument may be left out where a language needs none."""
    lines = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / f"web/sentences/{language}").glob("*.js")))
    rows = re.findall(r"^\t'([^']+)': '([^'\\]+)',$", lines, re.M)
    texts = dict(rows)
    assert len(texts) == len(rows) == lines.count("\n\t'")
    assert {code for code, _ in table} ^ set(texts) == set()
    names = {code: set(PLACE.findall(text)) for code, text in table}
    assert {code: text for code, text in texts.items() if set(re.findall(r"\{([^}]*)\}", text)) - names[code]} == {}


def test_what_is_said_has_a_code(table, said):
    """Of the rooms that write most of what people see: a sentence without a code is English in all languages."""
    samples = [PLACE.sub("1", text) for _, text in table]
    words = "\n".join(PLACE.sub("%", text) for _, text in table)

    def has_code(literal):
        pattern = format_of(literal)
        return CONVERSION.sub("%", literal).replace("%%", "%") in words or (pattern and any(re.fullmatch(pattern, sample) for sample in samples))

    lacking = [f"{path.name}: {one}" for path, found in sorted(said.items()) if str(path.relative_to(ROOT / "src").with_suffix("")) in SAYING
               for one in sorted(found) if one.count(" ") >= LONG and one not in UNSAID and not has_code(one)]
    assert lacking == []
