"""Reads a .stf file into a Specification, and checks it on the way."""

import re

from .lexer import Line, Token, read_lines
from .model import Enum, EnumValue, Message, MessageField, Specification, StfError, Struct, StructField

INTEGER_SIZES = {"u8": 1, "u16le": 2, "u16be": 2, "u32le": 4, "u32be": 4}
FIELD_KINDS = ("int", "real", "text", "json")
DIRECTIONS = ("notice", "command", "query", "reply")
GRADES = ("A", "B", "C")
FIELDS_MAX = 32
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
C_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while".split()
)


def snake_case(name: str) -> str:
    """camelCase and ACRONYMWord as lower_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Cursor:
    """Takes the tokens of one line from left to right."""

    def __init__(self, line: Line):
        self.line = line
        self.position = 0

    def error(self, message: str, token: Token = None) -> StfError:
        column = token.column if token else self.column()
        return StfError(self.line.number, column, message)

    def column(self) -> int:
        token = self.peek()
        return token.column if token else self.line.end_column

    def peek(self):
        return self.line.tokens[self.position] if self.position < len(self.line.tokens) else None

    def take(self, kind: str, what: str) -> Token:
        token = self.peek()
        if token is None or token.kind != kind:
            raise self.error(f"expected {what}")
        self.position += 1
        return token

    def take_symbol(self, symbol: str) -> Token:
        token = self.peek()
        if token is None or token.kind != "symbol" or token.text != symbol:
            raise self.error(f"expected '{symbol}'")
        self.position += 1
        return token

    def take_word(self, word: str) -> bool:
        token = self.peek()
        if token is None or token.kind != "name" or token.text != word:
            return False
        self.position += 1
        return True

    def take_number(self, what: str, low: int, high: int) -> int:
        token = self.take("number", what)
        value = int(token.text, 0 if "x" in token.text else 10)
        if not low <= value <= high:
            raise self.error(f"{what} must be within {low}..{high}", token)
        return value

    def finish(self):
        if self.peek() is not None:
            raise self.error(f"unexpected '{self.peek().text}' at the end of the line")


class Names:
    """Refuses the second of two equal names."""

    def __init__(self):
        self.seen = {}

    def add(self, cursor: Cursor, token: Token, what: str, key=None):
        key = token.text if key is None else key
        if key in self.seen:
            raise cursor.error(f"{what} {key} is in line {self.seen[key]} already", token)
        self.seen[key] = token.line


def _item_name(cursor: Cursor, what: str) -> Token:
    token = cursor.take("name", f"the name of the {what}")
    if not NAME.match(token.text):
        raise cursor.error(f"the name of a {what} is written in lower case with underscores", token)
    if token.text in C_KEYWORDS:
        raise cursor.error(f"{token.text} is a keyword of C", token)
    return token


def _description(line: Line, what: str) -> str:
    if not line.comment:
        raise StfError(line.number, line.end_column, f"this {what} has no description: add a comment behind it")
    return line.comment


class Parser:
    def __init__(self, data: bytes):
        self.lines = read_lines(data)
        self.index = 0
        self.names = Names()
        self.ids = Names()
        self.vendor_names = Names()
        self.specification = Specification("", [], [], [])

    def parse(self) -> Specification:
        self.specification.introduction = self._introduction()
        while True:
            comment = self._comment_above()
            if self.index == len(self.lines):
                break
            self._item(comment)
        if not (self.specification.enums or self.specification.structs or self.specification.messages):
            raise StfError(1, 1, "there is nothing in this file")
        return self.specification

    def _introduction(self) -> str:
        """The comment at the top that an empty line separates from the first item."""
        start = self.index
        comment = self._comment_above()
        separated = self.index == len(self.lines) or (self.index > start and not self.lines[self.index - 1].comment)
        if comment and separated:
            return comment
        self.index = start
        lines = []
        while self.index < len(self.lines) and not self.lines[self.index].tokens:
            end = self._paragraph_end()
            following = self.lines[end] if end < len(self.lines) else None
            if following is not None and following.tokens:
                break
            lines += [line.comment or "" for line in self.lines[self.index : end]]
            self.index = end
            if following is not None:
                lines.append("")
                self.index += 1
        return "\n".join(lines).strip("\n")

    def _paragraph_end(self) -> int:
        end = self.index
        while end < len(self.lines) and not self.lines[end].tokens and self.lines[end].comment is not None:
            end += 1
        return end

    def _comment_above(self) -> str:
        """The comment lines directly above the next line with tokens."""
        comment = []
        while self.index < len(self.lines) and not self.lines[self.index].tokens:
            line = self.lines[self.index]
            comment = comment + [line.comment] if line.comment is not None else []
            self.index += 1
        return " ".join(comment).strip()

    def _body(self):
        """The indented lines of the item whose first line was just taken."""
        while self.index < len(self.lines):
            line = self.lines[self.index]
            if line.tokens and not line.indented:
                return
            if not line.tokens and not line.indented:
                return
            self.index += 1
            if line.tokens:
                yield line

    def _item(self, comment: str):
        line = self.lines[self.index]
        self.index += 1
        cursor = Cursor(line)
        if line.indented:
            raise cursor.error("this line is indented but belongs to no item")
        keyword = cursor.take("name", "enum, struct or message")
        readers = {"enum": self._enum, "struct": self._struct, "message": self._message}
        if keyword.text not in readers:
            raise cursor.error(f"unknown item {keyword.text}: expected enum, struct or message", keyword)
        if not comment:
            raise cursor.error(f"this {keyword.text} has no description: add a comment above it", keyword)
        readers[keyword.text](cursor, comment)

    def _enum(self, cursor: Cursor, comment: str):
        token = _item_name(cursor, "enum")
        self.names.add(cursor, token, "enum", f"enum {token.text}")
        enum = Enum(token.text, None, comment)
        low, high = INT32_MIN, INT32_MAX
        if cursor.peek() is not None:
            cursor.take_symbol(":")
            type_token = cursor.take("name", "an integer type")
            if type_token.text not in INTEGER_SIZES:
                raise cursor.error(f"unknown integer type {type_token.text}", type_token)
            enum.type = type_token.text
            low, high = 0, min(2 ** (8 * INTEGER_SIZES[enum.type]) - 1, INT32_MAX)
        cursor.finish()
        names, values = Names(), Names()
        for line in self._body():
            self._enum_value(enum, Cursor(line), names, values, low, high)
        if not enum.values:
            raise cursor.error("this enum has no values", token)
        self.specification.enums.append(enum)

    def _enum_value(self, enum: Enum, cursor: Cursor, names: Names, values: Names, low: int, high: int):
        token = _item_name(cursor, "value")
        names.add(cursor, token, "value")
        cursor.take_symbol("=")
        number = cursor.peek()
        value = cursor.take_number("the value", low, high)
        values.add(cursor, number, "value", value)
        cursor.finish()
        enum.values.append(EnumValue(token.text, value, _description(cursor.line, "value")))

    def _struct(self, cursor: Cursor, comment: str):
        token = _item_name(cursor, "struct")
        self.names.add(cursor, token, "struct", f"struct {token.text}")
        cursor.finish()
        struct = Struct(token.text, comment)
        names = Names()
        for line in self._body():
            self._struct_field(struct, Cursor(line), names)
        if not struct.fields:
            raise cursor.error("this struct has no fields", token)
        self.specification.structs.append(struct)

    def _struct_field(self, struct: Struct, cursor: Cursor, names: Names):
        token = _item_name(cursor, "field")
        names.add(cursor, token, "field")
        cursor.take_symbol(":")
        type_token = cursor.take("name", "a type")
        size, magic, text = self._struct_type(struct, cursor, type_token)
        cursor.finish()
        description = cursor.line.comment or ""
        if self.specification.struct(text) is None:
            description = _description(cursor.line, "field")
        struct.fields.append(StructField(token.text, text, size, struct.size, magic, description))
        struct.size = struct.size + size if struct.size is not None and size is not None else None

    def _struct_type(self, struct: Struct, cursor: Cursor, token: Token):
        """Size, magic number and spelling of a field's type."""
        name = token.text
        if name in INTEGER_SIZES:
            return INTEGER_SIZES[name], None, name
        if name in ("string", "bytes"):
            cursor.take_symbol("<")
            size = cursor.take_number("the size", 1, 0xFFFF)
            cursor.take_symbol(">")
            return size, None, f"{name}<{size}>"
        if name == "magic":
            return self._magic(cursor)
        if name == "tail":
            if struct.size is None:
                raise cursor.error("a struct can have only one tail", token)
            return None, None, name
        other = self.specification.struct(name)
        if other is None:
            raise cursor.error(f"unknown type {name}: a struct has to be described before it is used", token)
        if other.size is None:
            raise cursor.error(f"struct {name} has no fixed size", token)
        return other.size, None, name

    def _magic(self, cursor: Cursor):
        cursor.take_symbol("<")
        size = cursor.take_number("the size", 1, 8)
        cursor.take_symbol(",")
        token = cursor.peek()
        value = cursor.take_number("the magic number", 0, 2**64 - 1)
        if value >= 2 ** (8 * size):
            raise cursor.error(f"this number does not fit into {size} bytes", token)
        cursor.take_symbol(">")
        return size, value, f"magic<{size}, {value:#x}>"

    def _message(self, cursor: Cursor, comment: str):
        id_token = cursor.peek()
        message_id = cursor.take_number("the id of the message", 0, INT32_MAX)
        self.ids.add(cursor, id_token, "message", message_id)
        token = _item_name(cursor, "message")
        self.names.add(cursor, token, "message", f"message {token.text}")
        message = Message(message_id, token.text, self._vendor_name(cursor), comment)
        cursor.finish()
        json_names, c_names = Names(), Names()
        for line in self._body():
            self._message_line(message, Cursor(line), json_names, c_names)
        if not message.directions:
            raise cursor.error("this message has no direction", token)
        if not message.grade:
            raise cursor.error("this message has no grade", token)
        self._check_directions(message)
        self.specification.messages.append(message)

    def _vendor_name(self, cursor: Cursor) -> str:
        token = cursor.peek()
        if token is not None and token.kind == "symbol" and token.text == "-":
            cursor.take_symbol("-")
            return ""
        token = cursor.take("name", "the vendor's name, or -")
        self.vendor_names.add(cursor, token, "vendor's name")
        return token.text

    def _message_line(self, message: Message, cursor: Cursor, json_names: Names, c_names: Names):
        following = cursor.line.tokens[1].text if len(cursor.line.tokens) > 1 else ""
        if following != ":" and cursor.take_word("direction"):
            self._directions(message, cursor)
        elif following != ":" and cursor.take_word("grade"):
            token = cursor.take("name", "A, B or C")
            if token.text not in GRADES:
                raise cursor.error(f"unknown grade {token.text}: expected A, B or C", token)
            message.grade = token.text
            cursor.finish()
        else:
            self._message_field(message, cursor, json_names, c_names)

    def _directions(self, message: Message, cursor: Cursor):
        while True:
            token = cursor.take("name", "a direction")
            if token.text not in DIRECTIONS:
                raise cursor.error(f"unknown direction {token.text}: expected one of {', '.join(DIRECTIONS)}", token)
            if token.text in message.directions:
                raise cursor.error(f"direction {token.text} is there already", token)
            message.directions.append(token.text)
            if cursor.peek() is None:
                return
            cursor.take_symbol(",")

    def _message_field(self, message: Message, cursor: Cursor, json_names: Names, c_names: Names):
        token = cursor.take("name", "a field, direction or grade")
        json_names.add(cursor, token, "field")
        cursor.take_symbol(":")
        kind = cursor.take("name", "a kind of field")
        if kind.text not in FIELD_KINDS:
            raise cursor.error(f"unknown kind {kind.text}: expected one of {', '.join(FIELD_KINDS)}", kind)
        found = MessageField(token.text, snake_case(token.text), kind.text, "", [], False, None, "")
        c_token = self._attributes(found, cursor) or token
        if found.c_name in C_KEYWORDS or found.c_name == "present":
            raise cursor.error(f"{found.c_name} cannot be the name of a member in C: give another with `as`", c_token)
        c_names.add(cursor, c_token, "the C name", found.c_name)
        found.description = _description(cursor.line, "field")
        if len(message.fields) == FIELDS_MAX:
            raise cursor.error(f"a message can have at most {FIELDS_MAX} fields", token)
        message.fields.append((found, token))

    def _attributes(self, found: MessageField, cursor: Cursor):
        """Returns the token of `as NAME`, if it is there."""
        c_token = None
        while cursor.peek() is not None:
            token = cursor.peek()
            if cursor.take_word("as"):
                c_token = _item_name(cursor, "C member")
                found.c_name = c_token.text
            elif cursor.take_word("unit"):
                found.unit = cursor.take("string", "the unit in quotes").text
            elif cursor.take_word("required"):
                found.required = True
            elif cursor.take_word("range"):
                found.range = self._range(found, cursor, token)
            elif token.kind == "name" and token.text in DIRECTIONS:
                cursor.take_word(token.text)
                found.directions.append(token.text)
            else:
                raise cursor.error(f"unknown attribute '{token.text}'", token)
        return c_token

    def _range(self, found: MessageField, cursor: Cursor, token: Token) -> tuple:
        if found.kind != "int":
            raise cursor.error(f"a field of kind {found.kind} has no range", token)
        low = cursor.take_number("the lower end of the range", INT64_MIN, INT64_MAX)
        cursor.take_symbol("..")
        end = cursor.peek()
        high = cursor.take_number("the upper end of the range", INT64_MIN, INT64_MAX)
        if high < low:
            raise cursor.error(f"the range ends before it begins: {low}..{high}", end)
        return low, high

    def _check_directions(self, message: Message):
        for found, token in message.fields:
            for direction in found.directions:
                if direction not in message.directions:
                    text = f"field {found.name} has direction {direction}, but message {message.name} has not"
                    raise StfError(token.line, token.column, text)
            found.directions = found.directions or list(message.directions)
        message.fields = [found for found, _ in message.fields]


def parse(data: bytes) -> Specification:
    specification = Parser(data).parse()
    specification.messages.sort(key=lambda message: message.id)
    return specification
