# SPDX-License-Identifier: MIT
"""What is wrong with the shape of a file: the file, and the error as line, column and message."""

HEAD = "# M.\nmessage 1 m -\n\tdirection notice, command\n\tgrade A\n"
STRUCT = "# S.\nstruct s\n"
ENUM = "# E.\nenum e\n"

LEXER = {
    "invalid UTF-8": (b"# E.\nenum \xc3\xa9\xff", "2:7: byte 0xff is not valid UTF-8"),
    "cut UTF-8": (b"# \xe2\x82", "1:3: byte 0xe2 is not valid UTF-8"),
    "byte order mark": ("\ufeff# E.\n", "1:1: unprintable character U+FEFF"),
    "NUL": ("# a\0b\n", "1:4: unprintable character U+0000"),
    "line separator": ("# a\u2028b\n", "1:4: unprintable character U+2028"),
    "carriage return": ("# a\r\n", "1:4: carriage return; end lines with a line feed alone"),
    "mixed indentation": (
        STRUCT + "\t a: u8\t# A\n",
        "3:1: the indentation mixes tabs and spaces",
    ),
    "indented with spaces": (
        STRUCT + "        a: u8\t# A\n",
        "3:1: indented with spaces; use one tab",
    ),
    "indented twice": (
        STRUCT + "\t\ta: u8\t# A\n",
        "3:2: indented too far; members take one tab",
    ),
    "number with a letter": (ENUM + "\ta = 12b\t# A\n", '3:6: bad number "12b"'),
    "hexadecimal without digits": (ENUM + "\ta = 0x\t# A\n", '3:6: bad number "0x"'),
    "leading zero": (ENUM + "\ta = 010\t# A\n", '3:6: bad number "010"'),
    "minus zero": (ENUM + "\ta = -0\t# A\n", '3:6: bad number "-0"'),
    "very long number": (ENUM + f"\ta = {'9' * 5000}\t# A\n", "3:6: the number is too long"),
    "unterminated string": (
        HEAD + '\tf: int unit "mm\t# F\n',
        "5:14: the string does not end on this line",
    ),
    "empty string": (HEAD + '\tf: int unit ""\t# F\n', "5:14: the string is empty"),
    "long name": (
        f"# E.\nenum {'e' * 49}\n",
        "2:6: the name has 49 characters; 48 are allowed",
    ),
    "unexpected character": ("# E.\nenum e!\n", '2:7: unexpected character "!"'),
    "single dot": (HEAD + "\tf: int range 0.5..1\t# F\n", '5:16: unexpected character "."'),
    "letter outside ASCII": ("# E.\nenum é\n", '2:6: unexpected character "é"'),
    "comment closed in a string": (
        HEAD + '\tf: int unit "a*/"\t# F\n',
        '5:16: "*/" is not allowed here',
    ),
    "comment opened in a comment": ("# a /* b\n", '1:5: "/*" is not allowed here'),
    "comment closed in a comment": ("# a */ b\n", '1:5: "*/" is not allowed here'),
}

PARSER = {
    "empty file": ("", "1:1: the file describes nothing"),
    "only comments": ("# a\n\n# b\n", "1:1: the file describes nothing"),
    "member without an item": ("\n\ta: u8\t# A\n", "2:2: a member stands before any item"),
    "item that is no word": (
        "12\n",
        '1:1: expected "enum", "struct" or "message", found "12"',
    ),
    "unknown item": (
        "union u\n",
        '1:1: unknown item "union"; there are enum, struct and message',
    ),
    "enum without a name": ("enum\n", "1:5: the name of the enum is missing"),
    "enum with a number for a name": ("enum 5\n", '1:6: expected the name of the enum, found "5"'),
    "enum without a type": ("enum e:\n", "1:8: a type is missing"),
    "struct without a name": ("struct # S\n", "1:7: the name of the struct is missing"),
    "message without an id": (
        "message m -\n",
        '1:9: expected the id of the message, found "m"',
    ),
    "message without a name": ("message 1\n", "1:10: the name of the message is missing"),
    "message without a vendor's name": (
        "message 1 m\n",
        '1:12: the vendor\'s name, or "-" where there is none, is missing',
    ),
    "something behind an item": (
        "struct s: u8\n",
        '1:9: nothing may follow here, found ":"',
    ),
    "value without a number": (ENUM + "\ta =\t# A\n", "3:5: a number is missing"),
    "value without an equals sign": (ENUM + "\ta 1\t# A\n", '3:4: expected "=", found "1"'),
    "value that is no word": (
        ENUM + "\t1 = a\t# A\n",
        '3:2: expected the name of a value, found "1"',
    ),
    "field without a colon": (STRUCT + "\ta u8\t# A\n", '3:4: expected ":", found "u8"'),
    "type without its end": (STRUCT + "\ta: bytes<3\t# A\n", '3:12: ">" is missing'),
    "type with a word in it": (
        STRUCT + "\ta: bytes<x>\t# A\n",
        '3:11: expected a number, found "x"',
    ),
    "alternative missing": (STRUCT + "\ta: u8 |\t# A\n", "3:9: a type is missing"),
    "message member that is no word": (
        HEAD + "\t5: int\t# F\n",
        '5:2: expected "direction", "grade" or the name of a field, found "5"',
    ),
    "direction twice": (
        "# M.\nmessage 1 m -\n\tdirection notice\n\tdirection query\n",
        "4:2: the direction is given twice",
    ),
    "direction without a word": (
        "# M.\nmessage 1 m -\n\tdirection\n",
        "3:11: a direction is missing",
    ),
    "direction behind a comma missing": (
        "# M.\nmessage 1 m -\n\tdirection notice,\n",
        "3:19: a direction is missing",
    ),
    "grade twice": (
        "# M.\nmessage 1 m -\n\tgrade A\n\tgrade B\n",
        "4:2: the grade is given twice",
    ),
    "grade without a word": ("# M.\nmessage 1 m -\n\tgrade\n", "3:7: a grade is missing"),
    "field without a type": (HEAD + "\tf:\t# F\n", "5:4: a type is missing"),
    "attribute that is no word": (
        HEAD + "\tf: int 5\t# F\n",
        '5:9: expected an attribute, found "5"',
    ),
    "unknown attribute": (HEAD + "\tf: int signed\t# F\n", '5:9: unknown attribute "signed"'),
    "as twice": (HEAD + "\tf: int as a as b\t# F\n", '5:14: "as" is given twice'),
    "as without a name": (HEAD + "\tf: int as\t# F\n", "5:11: the name in C is missing"),
    "unit twice": (HEAD + '\tf: int unit "m" unit "s"\t# F\n', '5:18: "unit" is given twice'),
    "unit without quotes": (
        HEAD + "\tf: int unit mm\t# F\n",
        '5:14: expected a unit in quotes, found "mm"',
    ),
    "required twice": (
        HEAD + "\tf: int required required\t# F\n",
        '5:18: "required" is given twice',
    ),
    "range twice": (
        HEAD + "\tf: int range 0..1 range 0..2\t# F\n",
        '5:20: "range" is given twice',
    ),
    "range without dots": (HEAD + "\tf: int range 0-1\t# F\n", '5:16: expected "..", found "-1"'),
    "range without an end": (
        HEAD + "\tf: int range 0..\t# F\n",
        "5:18: the greatest value is missing",
    ),
    "range without a begin": (
        HEAD + "\tf: int range ..1\t# F\n",
        '5:15: expected the least value, found ".."',
    ),
}
