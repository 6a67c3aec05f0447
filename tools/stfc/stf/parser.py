# SPDX-License-Identifier: MIT
"""Lines of tokens to a specification. What a name means is left to check.py."""

from .error import SpecificationError, fail
from .model import (
    DIRECTIONS,
    Enum,
    Message,
    MessageField,
    Name,
    Number,
    Specification,
    Struct,
    StructField,
    Type,
    Value,
)


class Cursor:
    """Walks the tokens of one line."""

    def __init__(self, line):
        self.line = line
        self.index = 0

    def peek(self, ahead=0):
        place = self.index + ahead
        return self.line.tokens[place] if place < len(self.line.tokens) else None

    def at(self, kind, ahead=0):
        token = self.peek(ahead)
        return token is not None and token.kind == kind

    def take(self, kind):
        if not self.at(kind):
            return None
        self.index += 1
        return self.line.tokens[self.index - 1]

    def expect(self, kind, what):
        token = self.peek()
        if token is None:
            fail(self.line, f"{what} is missing")
        if token.kind != kind:
            fail(token, f"expected {what}, found {token.describe()}")
        self.index += 1
        return token

    def name(self, what):
        token = self.expect("word", what)
        return Name(token.text, token.line, token.column)

    def number(self, what):
        token = self.expect("number", what)
        return Number(token.value, token.text, token.line, token.column)

    def end(self):
        token = self.peek()
        if token is not None:
            fail(token, f"nothing may follow here, found {token.describe()}")


class Parser:
    def __init__(self, lines):
        self.lines = lines
        self.items = []
        self.comments = []  # those directly above the current line
        self.file_doc = []

    def run(self):
        for line in self.lines:
            if line.tokens:
                self.read_code(line)
            elif line.comment:
                self.comments.append(line.comment)
            else:
                self.drop_comments()
        self.drop_comments()
        if not self.items:
            raise SpecificationError(1, 1, "the file describes nothing")
        return Specification(self.file_doc, self.items)

    def drop_comments(self):
        """A comment followed by a blank line belongs to nothing; the first is about the file."""
        if not self.items and not self.file_doc:
            self.file_doc = paragraphs(self.comments)
        self.comments = []

    def read_code(self, line):
        trailing = [line.comment] if line.comment else []
        doc = paragraphs(self.comments + trailing)
        self.comments = []
        cursor = Cursor(line)
        if not line.indented:
            self.items.append(read_item(cursor, doc))
        elif not self.items:
            fail(line.tokens[0], "a member stands before any item")
        else:
            READ_MEMBER[type(self.items[-1])](self.items[-1], cursor, doc)
        cursor.end()


def paragraphs(comments):
    """Comment lines joined to paragraphs; an empty comment line parts them."""
    result = [[]]
    for comment in comments:
        if comment.text:
            result[-1].append(comment.text)
        elif result[-1]:
            result.append([])
    return [" ".join(lines) for lines in result if lines]


def read_item(cursor, doc):
    word = cursor.name('"enum", "struct" or "message"')
    if word.text not in READ_ITEM:
        fail(word, f'unknown item "{word.text}"; there are enum, struct and message')
    return READ_ITEM[word.text](cursor, doc)


def read_enum(cursor, doc):
    name = cursor.name("the name of the enum")
    base = read_type(cursor) if cursor.take(":") else None
    return Enum(name, base, doc)


def read_struct(cursor, doc):
    return Struct(cursor.name("the name of the struct"), doc)


def read_message(cursor, doc):
    number = cursor.number("the id of the message")
    name = cursor.name("the name of the message")
    vendor_name = None
    if not cursor.take("-"):
        vendor_name = cursor.name('the vendor\'s name, or "-" where there is none,')
    return Message(number, name, vendor_name, doc)


def read_type(cursor):
    name = cursor.name("a type")
    arguments = []
    if cursor.take("<"):
        arguments.append(cursor.number("a number"))
        while cursor.take(","):
            arguments.append(cursor.number("a number"))
        cursor.expect(">", '">"')
    return Type(name.text, arguments, name.line, name.column)


def read_value(enum, cursor, doc):
    name = cursor.name("the name of a value")
    cursor.expect("=", '"="')
    enum.values.append(Value(name, cursor.number("a number"), doc))


def read_struct_field(struct, cursor, doc):
    name = cursor.name("the name of a field")
    cursor.expect(":", '":"')
    types = [read_type(cursor)]
    while cursor.take("|"):
        types.append(read_type(cursor))
    struct.fields.append(StructField(name, types, doc))


def read_message_member(message, cursor, doc):
    token = cursor.peek()
    if not cursor.at(":", 1):
        if token.text == "direction":
            return read_directions(message, cursor)
        if token.text == "grade":
            return read_grade(message, cursor)
    return read_message_field(message, cursor, doc)


def read_directions(message, cursor):
    word = cursor.name("direction")
    if message.directions:
        fail(word, "the direction is given twice")
    message.directions.append(cursor.name("a direction"))
    while cursor.take(","):
        message.directions.append(cursor.name("a direction"))


def read_grade(message, cursor):
    word = cursor.name("grade")
    if message.grade:
        fail(word, "the grade is given twice")
    message.grade = cursor.name("a grade")


def read_message_field(message, cursor, doc):
    name = cursor.name('"direction", "grade" or the name of a field')
    cursor.expect(":", '":"')
    member = MessageField(name, cursor.name("a type"), doc)
    while cursor.peek():
        word = cursor.name("an attribute")
        if word.text in DIRECTIONS:
            member.directions.append(word)
        elif word.text in READ_ATTRIBUTE:
            READ_ATTRIBUTE[word.text](member, cursor, word)
        else:
            fail(word, f'unknown attribute "{word.text}"')
    message.fields.append(member)


def once(given, word):
    if given is not None:
        fail(word, f'"{word.text}" is given twice')


def read_as(member, cursor, word):
    once(member.member, word)
    member.member = cursor.name("the name in C")


def read_unit(member, cursor, word):
    once(member.unit, word)
    member.unit = cursor.expect("string", "a unit in quotes").text


def read_required(member, _cursor, word):
    once(member.required, word)
    member.required = word


def read_range(member, cursor, word):
    once(member.minimum, word)
    member.minimum = cursor.number("the least value")
    cursor.expect("..", '".."')
    member.maximum = cursor.number("the greatest value")


READ_ITEM = {"enum": read_enum, "struct": read_struct, "message": read_message}
READ_MEMBER = {Enum: read_value, Struct: read_struct_field, Message: read_message_member}
READ_ATTRIBUTE = {
    "as": read_as,
    "unit": read_unit,
    "required": read_required,
    "range": read_range,
}


def parse(lines):
    return Parser(lines).run()
