# SPDX-License-Identifier: MIT
"""What web/ is written like: types, rules, texts in all languages, and third-party files as they were fetched."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
LANGUAGES = ("en", "de", "fr", "es", "zh")
OWN = sorted(path for path in WEB.rglob("*.js") if "vendor" not in path.parts and "text" not in path.relative_to(WEB).parts)
LACKING = tools.why_no_node()
with_node = pytest.mark.skipif(LACKING is not None, reason=f"the page's sources cannot be looked at: {LACKING}")
without_browser = pytest.mark.without_browser
pytestmark = without_browser
# Keys that are put together: t(`state.${…}`).
MADE = re.compile(r"`([a-z][a-z0-9_]*\.[A-Za-z0-9_.]*)\$\{")
PLAIN = re.compile(r"""['"`]([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)+)['"`]""")


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of web/ beside the packages, where their programs look for them."""
    folder = tmp_path_factory.mktemp("web")
    shutil.copytree(WEB, folder / "web")
    (folder / "node_modules").symlink_to(tools.FOLDER / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    return folder / "web"


def run(sources, *command):
    result = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]


@with_node
def test_types(sources):
    run(sources, "node", tools.FOLDER / "node_modules/typescript/bin/tsc", "--project", "jsconfig.json")


@with_node
def test_rules(sources):
    run(sources, "node", tools.FOLDER / "node_modules/eslint/bin/eslint.js", "--max-warnings", "0", ".")


def test_a_class_is_styled_in_one_sheet():
    """All are there at once, so that one of two rules would change the look of what the other is for."""
    first, twice = {}, []
    for sheet in sorted(path for path in WEB.rglob("*.css") if "vendor" not in path.parts):
        for name in set(re.findall(r"^\.([\w-]+)(?=,| \{)", sheet.read_text(), re.MULTILINE)):
            if first.setdefault(name, sheet) != sheet:
                twice.append(f".{name}: {first[name].relative_to(WEB)} and {sheet.relative_to(WEB)}")
    assert twice == []


def test_german_says_sie():
    familiar = re.compile(r"\b(?:du|dich|dir|dein(?:e[mnrs]?)?)\b", re.IGNORECASE)
    assert [line for path in WEB.glob("text/**/de.js") for line in path.read_text().splitlines() if familiar.search(line)] == []


ORDER = """import { orderOf } from './names.js';
    const sorted = (names) => names.toSorted(orderOf(names, () => new Intl.Collator('en', { numeric: true })));
    const isOrder = (names) => { const compare = orderOf(names, () => new Intl.Collator('en', { numeric: true }));
        return names.every((a) => names.every((b) => Math.sign(compare(a, b)) === -Math.sign(compare(b, a)) && names.every((c) => compare(a, b) > 0 || compare(b, c) > 0 || compare(a, c) <= 0))); };
    const plain = ['Printer 10', 'printer 9', 'Printer', '', ' ', '01', '1', '0', '1a', 'a1', 'Zebra', 'a b', 'ab', 'M5 2', 'M5C'];
    const mixed = [...plain, 'Äpfel', 'a-b', 'a.b', 'Öl', 'é', '打印机 2', '_', 'Printer-1', 'a_b'];
    console.log(JSON.stringify([isOrder(plain), isOrder(mixed), sorted(['Printer 10', 'printer 9', 'A']), sorted(['Zebra', 'Äpfel 10', 'Äpfel 9', 'B'])]));"""


@with_node
def test_names_have_one_order(sources):
    result = subprocess.run(["node", "--input-type=module", "--eval", ORDER], cwd=sources, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == [True, True, ["A", "printer 9", "Printer 10"], ["Äpfel 9", "Äpfel 10", "B", "Zebra"]]


def test_third_party_files_are_as_they_were_fetched():
    result = subprocess.run([ROOT / "scripts/vendor-web"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_about_names_the_versions_that_are_there():
    said = re.search(r"LIBRARIES = \[(.*)\];", (WEB / "manage/gateway.js").read_text(encoding="utf-8"))[1]
    there = {f"{entry['package']} {entry['version']}" for entry in json.loads((WEB / "vendor/vendor.json").read_text(encoding="utf-8"))["files"]}
    assert {one.lower() for one in re.findall(r"'([^']+)'", said)} == there - {one for one in there if one.startswith("@preact/signals-core ")}


def texts(language):
    """Those of the first view, and those of each part that is loaded when it is wanted."""
    lines = [line for path in sorted(WEB.glob(f"text/**/{language}.js")) for line in path.read_text(encoding="utf-8").splitlines()]
    return dict(re.fullmatch(r"\t'([^']+)': '((?:[^'\\]|\\.)*)',", line).groups() for line in lines if line.startswith("\t'"))


def test_home_assistant_is_told_the_name_that_is_let_in():
    """By HTTP Digest there is one user name."""
    (name,) = set(re.findall(r'DIGEST_USER\s+"(\w+)"', "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/gateway").rglob("*.[ch]"))))
    assert [language for language in LANGUAGES if name not in texts(language)["manage.how_homeassistant"]] == []


def test_parts_do_not_change_texts_of_each_other():
    found = {}
    for path in WEB.glob("text/**/en.js"):
        for key, text in re.findall(r"^\t'([^']+)': (.*),$", path.read_text(encoding="utf-8"), re.M):
            assert found.setdefault(key, text) == text, f"{path.relative_to(WEB)}: {key}"


def plain(key):
    """Languages have other forms of a number: one, few, other …"""
    return re.sub(r"_(zero|one|two|few|many|other)$", "", key)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_text_is_there(language):
    ours, english = texts(language), texts("en")
    assert {plain(key) for key in english} == {plain(key) for key in ours}
    places = {plain(key): set(re.findall(r"\{\w+\}", text)) for key, text in english.items()}
    assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in ours.items() if set(re.findall(r"\{\w+\}", text)) - places[plain(key)]} == {}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_text_is_translated(language):
    """Names and units may be the same; sentences are not."""
    english = texts("en")
    same = {key for key, text in texts(language).items() if english.get(key) == text and len(text.split()) > 2 and not key.startswith("time.")}
    assert same == set()


def test_each_text_is_used_and_each_that_is_used_is_there():
    code = "\n".join(path.read_text(encoding="utf-8") for path in OWN)
    english = {plain(key) for key in texts("en")}
    families = tuple(MADE.findall(code))
    named = set(PLAIN.findall(code))
    areas = {key.partition(".")[0] for key in english}
    assert {name for name in named if name.partition(".")[0] in areas and plain(name) not in english and not name.endswith((".js", ".css"))} == set()
    assert {key for key in texts("en") if plain(key) not in named and not key.startswith(families)} == set()


@pytest.mark.parametrize("path", [*OWN, *(path for path in WEB.rglob("*.css") if "vendor" not in path.parts)], ids=lambda path: str(path.relative_to(WEB)))
def test_a_file_says_whose_it_is_and_is_of_one_idea(path):
    text = path.read_text(encoding="utf-8")
    assert "SPDX-License-Identifier: MIT" in "\n".join(text.splitlines()[:2])
    assert text.count("\n") <= 600


def test_nothing_is_asked_for_elsewhere():
    """No address of another place in what is ours, but the name spaces of SVG."""
    found = {(path.name, address) for path in [*OWN, *WEB.rglob("*.css"), WEB / "index.html"] for address in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s'\"`)]*", path.read_text(encoding="utf-8"))
             if "vendor" not in path.parts and not address.startswith("http://www.w3.org/")}
    assert found == set()


def test_each_address_is_served():
    """What routes.js has, page.c answers."""
    served = re.findall(r'PAGE\("([^"]+)"\)', (ROOT / "src/gateway/page/page.c").read_text(encoding="utf-8"))
    patterns = [re.compile(re.sub(r"\\\{\w+\\\.\\\.\\\.\\\}", ".+", re.escape(path)) + "$") for path in served]
    wanted = re.findall(r"path: '([^']+)'", (WEB / "routes.js").read_text(encoding="utf-8"))
    assert wanted and [path for path in wanted if not any(pattern.match(path) for pattern in patterns)] == []


def test_the_folder_of_packages_is_pinned():
    pinned = json.loads((ROOT / "tests/page/package.json").read_text(encoding="utf-8"))["dependencies"]
    vendored = {entry["package"]: entry["version"] for entry in json.loads((WEB / "vendor/vendor.json").read_text(encoding="utf-8"))["files"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    assert {name: pinned.get(name) for name in vendored} == vendored
    assert os.access(ROOT / "scripts/vendor-web", os.X_OK)
