# SPDX-License-Identifier: MIT
"""What is wrong with the meaning of a file: the file, and the error as line, column and message."""

from error_cases_syntax import ENUM, HEAD, STRUCT


def fields(count):
    return HEAD + "".join(f"\tf{i}: int\t# F\n" for i in range(count))


ENUMS = {
    "enum name in upper case": (
        "# E.\nenum E\n\ta = 1\t# A\n",
        '2:6: "E" must be lower case: a-z, then a-z, 0-9 and _',
    ),
    "enum without a description": (
        "# Far away.\n\nenum e\n\ta = 1\t# A\n",
        '3:6: enum "e" has no description; write one in a comment',
    ),
    "value without a description": (
        ENUM + "\ta = 1\n",
        '3:2: value "a" has no description; write one in a comment',
    ),
    "value with an empty description": (
        ENUM + "\ta = 1\t#\n",
        '3:2: value "a" has no description; write one in a comment',
    ),
    "enum without values": (ENUM, '2:6: enum "e" has no values'),
    "enum of something else": (
        "# E.\nenum e: bytes<2>\n\ta = 1\t# A\n",
        '2:9: an enum is made of an integer type, not of "bytes"',
    ),
    "enum type with a length": (
        "# E.\nenum e: u8<2>\n\ta = 1\t# A\n",
        '2:9: this type is written u8',
    ),
    "value name twice": (
        ENUM + "\ta = 1\t# A\n\ta = 2\t# A\n",
        '4:2: value "a" is there already, in line 3',
    ),
    "number twice": (
        ENUM + "\ta = 16\t# A\n\tb = 0x10\t# B\n",
        "4:6: number 0x10 is there already, in line 3",
    ),
    "value too large for its type": (
        "# E.\nenum e: u8\n\ta = 256\t# A\n",
        "3:6: 256 is outside 0..255",
    ),
    "negative value of an unsigned type": (
        "# E.\nenum e: u16le\n\ta = -1\t# A\n",
        "3:6: -1 is outside 0..65535",
    ),
    "value too large for C": (
        "# E.\nenum e: u32le\n\ta = 0x80000000\t# A\n",
        "3:6: 0x80000000 is outside 0..2147483647",
    ),
    "value too small for C": (
        ENUM + "\ta = -2147483649\t# A\n",
        "3:6: -2147483649 is outside -2147483648..2147483647",
    ),
    "enum name twice": (
        ENUM + "\ta = 1\t# A\n" + ENUM + "\tb = 1\t# B\n",
        '5:6: type "e" is there already, in line 2',
    ),
    "enum and struct of one name": (
        ENUM + "\ta = 1\t# A\n# S.\nstruct e\n\tb: u8\t# B\n",
        '5:8: type "e" is there already, in line 2',
    ),
    "C name twice": (
        "# E.\nenum a\n\tb_c = 1\t# V\n# F.\nenum a_b\n\tc = 1\t# V\n",
        "6:2: its C name FLAGSHIP_A_B_C is made in line 3 already",
    ),
    "function of another header": (
        "# E.\nenum message_info_by\n\ta = 1\t# A\n",
        "2:6: its C name flagship_message_info_by_name is part of another header already",
    ),
    "C name of another header": (
        "# E.\nenum error\n\ta = 1\t# A\n",
        "2:6: its C name flagship_error is part of another header already",
    ),
}

STRUCTS = {
    "struct without a description": (
        "struct s\n\ta: u8\t# A\n",
        '1:8: struct "s" has no description; write one in a comment',
    ),
    "field without a description": (
        STRUCT + "\ta: u8\n",
        '3:2: field "a" has no description; write one in a comment',
    ),
    "struct without fields": (STRUCT, '2:8: struct "s" has no fields'),
    "field name twice": (
        STRUCT + "\ta: u8\t# A\n\ta: u8\t# A\n",
        '4:2: field "a" is there already, in line 3',
    ),
    "unknown type": (STRUCT + "\ta: u17le\t# A\n", '3:5: unknown type "u17le"'),
    "length missing": (
        STRUCT + "\ta: bytes\t# A\n",
        '3:5: this type is written bytes<LENGTH>',
    ),
    "length of a tail": (STRUCT + "\ta: tail<1>\t# A\n", '3:5: this type is written tail'),
    "length zero": (STRUCT + "\ta: string<0>\t# A\n", "3:12: 0 is outside 1..65535"),
    "length too large": (STRUCT + "\ta: bytes<65536>\t# A\n", "3:11: 65536 is outside 1..65535"),
    "magic without a value": (
        STRUCT + "\ta: magic<2>\t# A\n",
        '3:5: this type is written magic<LENGTH, 0x…>',
    ),
    "magic too long": (STRUCT + "\ta: magic<9, 0x00>\t# A\n", "3:11: 9 is outside 1..8"),
    "magic with a value of another length": (
        STRUCT + "\ta: magic<2, 0x4d4142>\t# A\n",
        "3:14: a magic of 2 bytes is written with 0x and 4 digits, not 0x4d4142",
    ),
    "magic in decimal": (
        STRUCT + "\ta: magic<1, 255>\t# A\n",
        "3:14: a magic of 1 bytes is written with 0x and 2 digits, not 255",
    ),
    "second tail": (
        STRUCT + "\ta: tail\t# A\n\tb: u8\t# B\n\tc: tail\t# C\n",
        '5:5: a second tail; "a" takes all there is',
    ),
    "forward reference": (
        STRUCT + "\ta: t\t# A\n# T.\nstruct t\n\tb: u8\t# B\n",
        '3:5: "t" must stand above the struct that uses it',
    ),
    "recursive struct": (STRUCT + "\ta: s\t# A\n", '3:5: struct "s" contains itself'),
    "length of a struct": (
        STRUCT + "\ta: u8\t# A\n# T.\nstruct t\n\tb: s<1>\t# B\n",
        '6:5: this type is written s',
    ),
    "struct with a tail inside": (
        STRUCT + "\ta: tail\t# A\n# T.\nstruct t\n\tb: s\t# B\n",
        '6:5: "s" has no fixed size and cannot be part of a struct',
    ),
    "enum without a type inside": (
        ENUM + "\ta = 1\t# A\n# S.\nstruct s\n\tb: e\t# B\n",
        '6:5: "e" has no fixed size and cannot be part of a struct',
    ),
    "alternative that is no struct": (
        STRUCT + "\ta: u8 | u16le\t# A\n",
        '3:5: an alternative must be a struct, which "u8" is not',
    ),
    "alternative twice": (
        STRUCT + "\ta: u8\t# A\n# T.\nstruct t\n\tb: s | s\t# B\n",
        '6:9: alternative "s" is there already, in line 6',
    ),
    "struct too large": (
        STRUCT + "\ta: bytes<65535>\t# A\n\tb: u8\t# B\n",
        "4:2: the struct grows past 65535 bytes here",
    ),
    "layout constant twice": (
        "# S.\nstruct a\n\tb: u8\t# B\n# T.\nstruct a_b\n\tc: u8\t# C\n",
        "5:8: its C name FLAGSHIP_A_B_SIZE is made in line 3 already",
    ),
}

MESSAGES = {
    "message name in upper case": (
        "# M.\nmessage 1 M -\n",
        '2:11: "M" must be lower case: a-z, then a-z, 0-9 and _',
    ),
    "message named by a C keyword": (
        "# M.\nmessage 1 default -\n",
        '2:11: "default" cannot be a member\'s name in C or C++',
    ),
    "message without a description": (
        "message 1 m -\n",
        '1:11: message "m" has no description; write one in a comment',
    ),
    "negative id": ("# M.\nmessage -1 m -\n", "2:9: -1 is outside 0..2147483647"),
    "id too large": (
        "# M.\nmessage 2147483648 m -\n",
        "2:9: 2147483648 is outside 0..2147483647",
    ),
    "id twice": (
        HEAD + "# N.\nmessage 0x1 n -\n",
        "6:9: message id 0x1 is there already, in line 2",
    ),
    "message name twice": (
        HEAD + "# N.\nmessage 2 m -\n",
        '6:11: message "m" is there already, in line 2',
    ),
    "vendor's name twice": (
        HEAD.replace(" -", " ZZ_MQTT_CMD_M") + "# N.\nmessage 2 n ZZ_MQTT_CMD_M\n",
        '6:13: vendor\'s name "ZZ_MQTT_CMD_M" is there already, in line 2',
    ),
    "vendor's name of another shape": (
        "# M.\nmessage 1 m CMD_M\n",
        "2:13: the vendor's names begin with ZZ_MQTT_CMD_; \"-\" stands for none",
    ),
    "direction missing": ("# M.\nmessage 1 m -\n\tgrade A\n", '2:11: message "m" has no direction'),
    "unknown direction": (
        "# M.\nmessage 1 m -\n\tdirection up\n\tgrade A\n",
        '3:12: unknown direction "up"; there are notice, command, query, reply',
    ),
    "one direction twice": (
        "# M.\nmessage 1 m -\n\tdirection query, query\n\tgrade A\n",
        '3:19: direction "query" is there already, in line 3',
    ),
    "grade missing": (
        "# M.\nmessage 1 m -\n\tdirection notice\n",
        '2:11: message "m" has no grade',
    ),
    "unknown grade": (
        "# M.\nmessage 1 m -\n\tdirection notice\n\tgrade D\n",
        '4:8: unknown grade "D"; there are A, B, C',
    ),
    "reserved field": (
        HEAD + "\tcommandType: int\t# F\n",
        '5:2: "commandType" is part of every message and not described',
    ),
    "message field without a description": (
        HEAD + "\tf: int\n",
        '5:2: field "f" has no description; write one in a comment',
    ),
    "unknown kind": (
        HEAD + "\tf: u8\t# F\n",
        '5:5: unknown type "u8"; there are int, real, text, json',
    ),
    "member in upper case": (
        HEAD + "\tf: int as F\t# F\n",
        '5:12: "F" must be lower case: a-z, then a-z, 0-9 and _',
    ),
    "field that makes no member": (
        HEAD + "\t_f: int\t# F\n",
        '5:2: "_f" must be lower case: a-z, then a-z, 0-9 and _',
    ),
    "member named by a C++ keyword": (
        HEAD + "\tClass: int\t# F\n",
        '5:2: "class" cannot be a member\'s name in C or C++',
    ),
    "member that every struct has": (
        HEAD + "\tf: int as present\t# F\n",
        '5:12: "present" cannot be a member\'s name in C or C++',
    ),
    "range of a text": (
        HEAD + "\tf: text range 0..1\t# F\n",
        "5:16: a range belongs to an int, not to text",
    ),
    "range of json": (
        HEAD + "\tf: json range 0..1\t# F\n",
        "5:16: a range belongs to an int, not to json",
    ),
    "range too low": (
        HEAD + "\tf: int range -9223372036854775809..0\t# F\n",
        "5:15: -9223372036854775809 is outside -9223372036854775808..9223372036854775807",
    ),
    "range too high": (
        HEAD + "\tf: int range 0..9223372036854775808\t# F\n",
        "5:18: 9223372036854775808 is outside -9223372036854775808..9223372036854775807",
    ),
    "range reversed": (HEAD + "\tf: int range 2..1\t# F\n", "5:15: the range is reversed"),
    "direction of another message": (
        HEAD + "\tf: int query\t# F\n",
        '5:9: "query" is no direction of the message',
    ),
    "direction of a field twice": (
        HEAD + "\tf: int notice notice\t# F\n",
        '5:16: direction "notice" is there already, in line 5',
    ),
    "required in a notice": (
        HEAD + "\tf: int notice required\t# F\n",
        "5:16: required, but part of no command or query",
    ),
    "too many fields": (
        fields(33),
        "37:2: more than 32 fields; a message has as many presence bits",
    ),
    "message field twice": (
        HEAD + "\tf: int\t# F\n\tf: int as g\t# F\n",
        '6:2: field "f" is there already, in line 5',
    ),
    "member twice": (
        HEAD + "\tdevName: int\t# F\n\tdev_name: int\t# F\n",
        '6:2: C member "dev_name" is there already, in line 5',
    ),
    "presence bit that is a value's name": (
        "# E.\nenum m_has\n\tf = 1\t# V\n" + HEAD + "\tf: int\t# F\n",
        "8:2: its C name FLAGSHIP_M_HAS_F is made in line 3 already",
    ),
    "message with the tag of an enum": (
        "# E.\nenum m\n\ta = 1\t# V\n" + HEAD + "\tf: int\t# F\n",
        "5:11: its C name flagship_m is made in line 2 already",
    ),
}
