#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs web/ into the program: pack_page.py WEB OUT.c DEPFILE

Modules that app.js needs become one script, in the order in which they need each other; what is imported with import() is a
script of its own, which is loaded when it is wanted, with the style sheets that stand beside its modules. The files of
web/style become one style sheet, and those of web/style/views another one, which comes with the first of such scripts. Each result is named by its content, and stands in OUT.c as it is, packed by gzip, and by
brotli where that program is there. docs/internals/page.md.
"""

import gzip
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

ENTRY = "app.js"
WORKER = "push/worker.js"  # of browsers that are told while the page is not open: a script by itself
WORKER_NAME = "push-worker.js"
ALWAYS_ASKED = "no-cache"
FIRST_STYLES = ("tokens.css", "base.css")  # what the others build upon
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".webmanifest": "application/manifest+json", ".png": "image/png", ".woff2": "font/woff2"}
HASH_LENGTH = 12
COMPILE_AHEAD = "//# allFunctionsCalledOnLoad\n"  # while it is fetched, not one by one when they are called (Chromium)
FOR_EVER = "public, max-age=31536000, immutable"
BYTES_A_LINE = 32
PACKED_ALREADY = {".png", ".woff2"}

FROM = r"""from\s*["']([^"']+)["']\s*;?"""
IMPORT_NAMED = re.compile(r"\bimport\s*\{([^}]*)\}\s*" + FROM)
IMPORT_DEFAULT = re.compile(r"\bimport\s+(\w+)\s+" + FROM)
EXPORT_FROM = re.compile(r"\bexport\s*\{([^}]*)\}\s*" + FROM)
EXPORT_LIST = re.compile(r"\bexport\s*\{([^}]*)\}\s*;?")
EXPORT_DEFAULT = re.compile(r"\bexport default\s*")
EXPORT_DECLARED = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.M)
IMPORT_LAZY = re.compile(r"""\bimport\(["']([^"']+)["']\)""")
ASSET = re.compile(r"""new URL\(["']([^"']+)["'], import\.meta\.url\)""")
LEFT_OVER = re.compile(r"^\s*(import|export)\b(?!\()", re.M)
PLACE = re.compile(r"\{\{([^}]+)\}\}")


class Fault(Exception):
    pass


class Page:
    def __init__(self, web):
        self.web = web
        self.vendor = {entry["import"]: entry["file"] for entry in json.loads((web / "vendor/vendor.json").read_text())["files"]}
        self.assets = {}  # name of the source: (name with hash, bytes)
        self.read = set()

    # --- modules ---

    def text(self, name):
        path = self.web / name
        self.read.add(path)
        if not path.is_file():
            raise Fault(f"there is no web/{name}")
        return path.read_text(encoding="utf-8")

    def resolve(self, name, word):
        """The file that a module means."""
        if word in self.vendor:
            return f"vendor/{self.vendor[word]}"
        if not word.startswith("."):
            raise Fault(f"{name}: '{word}' is not in vendor/vendor.json")
        return (self.web / name).parent.joinpath(word).resolve().relative_to(self.web).as_posix()

    def needs(self, name):
        text = without_comments(self.text(name))
        return [self.resolve(name, match[2]) for pattern in (IMPORT_NAMED, IMPORT_DEFAULT, EXPORT_FROM) for match in pattern.finditer(text)]

    def order(self, entry, within=()):
        """Each module behind what it needs."""
        found, open_ones = [], []

        def visit(name):
            if name in found or name in within:
                return
            if name in open_ones:
                raise Fault(f"modules need each other in a circle: {' → '.join([*open_ones, name])}")
            open_ones.append(name)
            for needed in self.needs(name):
                visit(needed)
            open_ones.pop()
            found.append(name)

        visit(entry)
        return found

    def lazy(self, names):
        """What these modules load when it is wanted."""
        return sorted({self.resolve(name, match[1]) for name in names for match in IMPORT_LAZY.finditer(without_comments(self.text(name)))})

    def wrap(self, name):
        """A module as a function that is called once and returns what it exports."""
        code = without_comments(self.text(name))
        exported = []

        def import_named(match):
            pairs = [words(part) for part in match[1].split(",") if part.strip()]
            return f"const{{{','.join(a if a == b else f'{a}:{b}' for a, b in pairs)}}}=__M[{self.key(name, match[2])}];"

        def export_from(match):
            exported.extend(f"{b}:__M[{self.key(name, match[2])}].{a}" for a, b in (words(part) for part in match[1].split(",") if part.strip()))
            return ""

        def export_list(match):
            exported.extend(f"{b}:{a}" for a, b in (words(part) for part in match[1].split(",") if part.strip()))
            return ""

        def export_declared(match):
            exported.append(match[1])
            return ""

        def export_default(_):
            exported.append("default:_default")
            return "const _default="

        code = IMPORT_NAMED.sub(import_named, code)
        code = IMPORT_DEFAULT.sub(lambda match: f"const {match[1]}=__M[{self.key(name, match[2])}].default;", code)
        code = EXPORT_FROM.sub(export_from, code)
        code = EXPORT_LIST.sub(export_list, code)
        code = EXPORT_DECLARED.sub(export_declared, code)
        code = EXPORT_DEFAULT.sub(export_default, code, count=1)
        code = IMPORT_LAZY.sub(lambda match: f"__L({self.key(name, match[1])})", code)
        code = ASSET.sub(lambda match: f'new URL("/assets/{self.asset(self.resolve(name, match[1]))}",location.origin)', code)
        if not name.startswith("vendor/") and (left := LEFT_OVER.search(code)):
            raise Fault(f"web/{name}: this form of import or export is not packed: {code[left.start():].strip().splitlines()[0]}")
        return f"__M[{json.dumps(name)}]??=(()=>{{{code.strip()}\nreturn{{{','.join(exported)}}}}})();\n"

    def key(self, name, word):
        return json.dumps(self.resolve(name, word))

    # --- results ---

    def add(self, source, data):
        stem, _, suffix = pathlib.PurePosixPath(source).name.rpartition(".")
        name = f"{stem}-{hashlib.sha256(data).hexdigest()[:HASH_LENGTH]}.{suffix}"
        self.assets[source] = (name, data)
        return name

    def asset(self, source):
        if source not in self.assets:
            path = self.web / source
            self.read.add(path)
            data = path.read_bytes()
            if path.suffix == ".webmanifest":
                data = self.fill(data.decode()).encode()
            self.add(source, data)
        return self.assets[source][0]

    def scripts(self):
        first = self.order(ENTRY)
        chunks, waiting = {}, self.lazy(first)
        while waiting:
            entry = waiting.pop()
            if entry not in chunks and entry not in first:
                chunks[entry] = self.order(entry, first)
                waiting += self.lazy(chunks[entry])
        names, views = {}, "/assets/" + self.add("views.css", tight(self.later_style()).encode())
        for entry, modules in sorted(chunks.items()):
            code = "export default(__M,__L)=>{" + "".join(self.wrap(name) for name in modules) + "};\n"
            names[entry] = ["/assets/" + self.add(entry, code.encode()), views, *self.sheets(modules)]
        head = (COMPILE_AHEAD + f"const __M={{}},__C={json.dumps(names, separators=(',', ':'))},__D={{}},"
                "__S=u=>__D[u]??=new Promise(y=>{const l=document.createElement('link');l.rel='stylesheet';l.onload=l.onerror=y;l.href=u;document.head.append(l)}),"
                "__L=n=>__M[n]?Promise.resolve(__M[n]):Promise.all([import(__C[n][0]),...__C[n].slice(1).map(__S)]).then(([c])=>(c.default(__M,__L),__M[n]));\n")
        self.add(ENTRY, (head + "".join(self.wrap(name) for name in first)).encode())

    def worker(self):
        """Under a name that stays: a browser asks by it whether there is another one."""
        code = "const __M={};\n" + "".join(self.wrap(name) for name in self.order(WORKER))
        self.assets[WORKER] = (WORKER_NAME, code.encode())

    def sheets(self, modules):
        """Addresses of the style sheets that stand beside modules which are loaded when they are wanted."""
        sources = [name.removesuffix(".js") + ".css" for name in modules if not name.startswith("vendor/")]
        found = [source for source in sources if (self.web / source).is_file()]
        for source in found:
            if source not in self.assets:
                self.add(source, tight(self.text(source)).encode())
        return ["/assets/" + self.assets[source][0] for source in found]

    def style(self):
        names = sorted((path.name for path in (self.web / "style").glob("*.css")), key=lambda name: ((*FIRST_STYLES, name).index(name), name))
        self.add("app.css", tight("".join(self.text(f"style/{name}") for name in names)).encode())

    def later_style(self):
        """Of all views but the first, which wants none of it."""
        vendored = [f"vendor/{file}" for file in self.vendor.values() if file.endswith(".css")]
        names = sorted(path.relative_to(self.web).as_posix() for path in (self.web / "style/views").glob("*.css"))
        return "".join(self.text(name) for name in [*vendored, *names])

    def fill(self, text):
        return PLACE.sub(lambda match: "/assets/" + (self.asset(match[1]) if match[1] not in self.assets else self.assets[match[1]][0]), text)

    def document(self):
        """Before and behind what it begins with."""
        text = self.fill(self.text("index.html"))
        text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
        text = re.sub(r"\n\s*", "\n", text)
        head, mark, tail = text.partition("{}</script>")
        if not mark:
            raise Fault("web/index.html has no place for what the page begins with")
        return head.encode(), (mark[2:] + tail).encode()


def words(part):
    """`a as b` as a pair; `a` as twice the same."""
    first, _, second = (word.strip() for word in part.strip().partition(" as "))
    return first, second or first


def tight(sheet):
    """A style sheet without what nobody but people needs."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    sheet = re.sub(r"\s+", " ", sheet)
    return re.sub(r" ?([{};,]) ?", r"\1", sheet).replace(";}", "}").replace(": ", ":").strip()


def without_comments(text):
    """Of lines that are nothing but comments; and without indentation. What stands in a line of code stays."""
    text = re.sub(r"//# sourceMappingURL=\S*", "", text)
    text = re.sub(r"^[ \t]*/\*.*?\*/[ \t]*\n?", "", text, flags=re.S | re.M)
    lines = (line.strip("\t") for line in text.splitlines())
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("//"))


# --- C ---


def gzipped(data):
    return gzip.compress(data, 9, mtime=0)


def brotlied(data):
    program = shutil.which("brotli")
    if not program:
        return None
    return subprocess.run([program, "--quality=11", "--lgwin=22", "--stdout", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout


def literal(data):
    """Bytes as strings, which a compiler reads ten times as fast as numbers."""
    lines = ["".join(f"\\{byte:03o}" for byte in data[at:at + BYTES_A_LINE]) for at in range(0, len(data), BYTES_A_LINE)]
    return "".join(f'"{line}"\n' for line in lines) or '""\n'


def array(name, data):
    return f"static const unsigned char {name}[] =\n{literal(data)};\n"


def text_array(name, data):
    return f"const char {name}[] =\n{literal(data)};\nconst size_t {name}_length = {len(data)};\n"


def write(page, out):
    parts, table = ['#include "gateway/page/assets.h"\n\n'], []
    head, tail = page.document()
    parts += [text_array("page_head", head), text_array("page_tail", tail)]
    for at, (name, data) in enumerate(sorted(page.assets.values())):
        suffix = pathlib.PurePosixPath(name).suffix
        members = [f'.content_type = "{TYPES[suffix]}"', f'.etag = "\\"{hashlib.sha256(data).hexdigest()[:HASH_LENGTH]}\\""', f'.cache_control = "{ALWAYS_ASKED if name == WORKER_NAME else FOR_EVER}"']
        shapes = {"bytes": data}
        if suffix not in PACKED_ALREADY:
            shapes |= {"gzip": gzipped(data), "brotli": brotlied(data)}
        for shape, packed in shapes.items():
            if packed is not None and (shape == "bytes" or len(packed) < len(data)):
                parts.append(array(f"asset_{at}_{shape}", packed))
                length = "length" if shape == "bytes" else f"{shape}_length"
                members += [f".{shape} = asset_{at}_{shape}", f".{length} = {len(packed)}"]
        table.append(f'\t{{"{name}", {{{", ".join(members)}}}}},\n')
    parts += ["const struct page_asset page_assets[] = {\n", *table, "};\n", f"const size_t page_asset_count = {len(table)};\n"]
    out.write_text("".join(parts), encoding="utf-8")


def main(web, out, depfile):
    page = Page(pathlib.Path(web).resolve())
    try:
        page.scripts()
        page.worker()
        page.style()
        write(page, pathlib.Path(out))
    except Fault as fault:
        print(f"pack_page: {fault}", file=sys.stderr)
        return 1
    folders = [page.web, *(path for path in page.web.rglob("*") if path.is_dir())]
    watched = sorted(map(str, {*page.read, *folders, page.web / "vendor/vendor.json"}))
    pathlib.Path(depfile).write_text(f"{out}: {' '.join(watched)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
