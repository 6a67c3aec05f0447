# SPDX-License-Identifier: MIT
"""What is made of specifications/mqtt.stf: C that compiles, and a page that is up to date."""

import os
import re
import subprocess

import pytest
from compiler import ROOT, SPECIFICATION, SPECIFICATIONS, TOOL, run_stfc

from stf.compiler import EMITTERS, compile_specification

RENEW = "tools/stfc/stfc.py markdown specifications/{0}.stf -o docs/protocol/{0}.md"
each_specification = pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda path: path.stem)
C_FLAGS = (
    "-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes"
    " -Wmissing-prototypes -Wvla -Wpedantic -Werror"
).split()

# By hand, from the published lists of message types: what has to be there, whatever else is.
VENDOR_NAMES = {
    1000: "EVENT_NOTIFY",
    1001: "PRINT_SCHEDULE",
    1002: "FIRMWARE_VERSION",
    1003: "NOZZLE_TEMP",
    1004: "HOTBED_TEMP",
    1005: "FAN_SPEED",
    1006: "PRINT_SPEED",
    1007: "AUTO_LEVELING",
    1008: "PRINT_CONTROL",
    1009: "FILE_LIST_REQUEST",
    1010: "GCODE_FILE_REQUEST",
    1011: "ALLOW_FIRMWARE_UPDATE",
    1020: "GCODE_FILE_DOWNLOAD",
    1021: "Z_AXIS_RECOUP",
    1022: "EXTRUSION_STEP",
    1023: "ENTER_OR_QUIT_MATERIEL",
    1024: "MOVE_STEP",
    1025: "MOVE_DIRECTION",
    1026: "MOVE_ZERO",
    1027: "APP_QUERY_STATUS",
    1028: "ONLINE_NOTIFY",
    1029: "RECOVER_FACTORY",
    1030: "SET_PRINT_MODE",
    1031: "BLE_ONOFF",
    1032: "DELETE_GCODE_FILE",
    1033: "RESET_GCODE_PARAM",
    1034: "DEVICE_NAME_SET",
    1035: "DEVICE_LOG_UPLOAD",
    1036: "ONOFF_MODAL",
    1037: "MOTOR_LOCK",
    1038: "PREHEAT_CONFIG",
    1039: "BREAK_POINT",
    1040: "AI_CALIB",
    1041: "VIDEO_ONOFF",
    1042: "ADVANCED_PARAMETERS",
    1043: "GCODE_COMMAND",
    1044: "PREVIEW_IMAGE_URL",
    1049: "SYSTEM_CHECK",
    1050: "AI_SWITCH",
    1051: "AI_INFO_CHECK",
    1052: "MODEL_LAYER",
    1053: "MODEL_DL_PROCESS",
    1055: "PRINT_MAX_SPEED",
    1135: "SWITCH_INFO",
    2018: "STEST_GCODE_TRANSPOR",
    3000: "ALEXA_MSG",
}
NAMELESS = {1057, 1058, 1067, 1068, 1072, 1081, 1085, 1086, 1093, 1097, 1098, 1100, 1104, 1105, 1118, 1128, 1144}
NAMELESS |= {1153, 1154, 1156, 1171, 1600}
GRADE_A = {1000, 1001, 1003, 1004, 1005, 1006, 1008, 1009, 1010, 1021, 1026, 1027, 1029, 1034, 1043, 1044, 1052, 1055, 1072, 1086, 1098}
# Sent by clients, or answers to them; every other type is a notice only.
COMMANDS = {*range(1003, 1012), *range(1020, 1027), *range(1029, 1044), 1049, 1050, 1051, 1135, 1600, 2018, 3000}
QUERIES = {1002, 1027, 1118, 1153}
REPLIES = {1009, 1010, 1043, 1057, 1058}

USER_OF_THE_HEADER = """
#include <flagship/mqtt.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_message(const struct flagship_message_info *info)
{
	printf("%" PRId64 " %s %s %u %c %u\\n", info->id, info->name,
	       info->vendor_name[0] ? info->vendor_name : "-", (unsigned int)info->directions,
	       info->grade, (unsigned int)info->field_count);
	for (unsigned int i = 0; i < info->field_count; i++) {
		const struct flagship_field_info *field = &info->fields[i];
		printf("\\t%s %u %u %s\\n", field->name, (unsigned int)field->kind,
		       (unsigned int)field->offset, field->unit);
		char key[256];
		snprintf(key, sizeof(key), "\\"%s\\":", field->name);
		if (strlen(field->name) != field->name_length || strcmp(field->key, key) != 0 || field->description[0] == '\\0') {
			printf("bad field\\n");
		}
	}
	if (flagship_message_info(info->id) != info) {
		printf("bad look-up\\n");
	}
}

int main(void)
{
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);
	uint32_t present = FLAGSHIP_NOZZLE_TEMP_HAS_CURRENT_CENTI_C;
	union flagship_message_fields fields = {.nozzle_temp = {.present = 5}};

	present |= FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C;
	for (size_t i = 0; i < count; i++) {
		print_message(&infos[i]);
	}
	printf("%s %s %d\\n", flagship_packet_type_name(FLAGSHIP_PACKET_TYPE_MULTI_BEGIN),
	       flagship_job_state_name(17), flagship_job_state_name(18) == NULL);
	printf("%d %d\\n", flagship_message_info(1019) == NULL, fields.present == present);
	return 0;
}
"""


@pytest.fixture(scope="module", name="made")
def fixture_made(tmp_path_factory):
    """A folder with the header and the tables."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "flagship").mkdir()
    for what, path in (("header", "flagship/mqtt.h"), ("tables", "mqtt_tables.c")):
        result = run_stfc(what, SPECIFICATION, "-o", folder / path)
        assert result.returncode == 0, result.stderr.decode()
        assert result.stdout + result.stderr == b""
    return folder


@pytest.fixture(scope="module", name="messages")
def fixture_messages():
    specification = compile_specification(SPECIFICATION.read_bytes())
    return {message.id.value: message for message in specification.messages}


def compile_with(command, made, *arguments):
    include = [f"-I{made}", f"-I{ROOT / 'include'}"]
    command = [*command, *include, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def compile_c(made, *arguments):
    compile_with(["gcc", "-std=c17", *C_FLAGS], made, *arguments)


def test_the_tables_compile_without_a_warning(made):
    compile_c(made, "-fsyntax-only", made / "mqtt_tables.c")


def test_cpp_can_read_the_header(made):
    source = made / "user.cc"
    source.write_text("#include <flagship/mqtt.h>\n", encoding="utf-8")
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    compile_with(["g++", *flags], made, "-fsyntax-only", source)


def test_a_program_can_use_them(made):
    source = made / "user.c"
    source.write_text(USER_OF_THE_HEADER, encoding="utf-8")
    compile_c(made, source, made / "mqtt_tables.c", "-o", made / "user")
    output = subprocess.run([made / "user"], capture_output=True, text=True, check=True).stdout
    lines = output.splitlines()
    ids = [int(line.split()[0]) for line in lines[:-2] if not line.startswith("\t")]
    assert ids == sorted(set(VENDOR_NAMES) | NAMELESS)
    assert "1003 nozzle_temp ZZ_MQTT_CMD_NOZZLE_TEMP 3 A 3" in lines
    assert "1098 filament - 1 A 1" in lines
    assert "\tcurrentTemp 0 8 0.01 °C" in lines
    assert "bad" not in output
    assert lines[-2:] == ["multi_begin unloading 1", "1 1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLAGSHIP_PREFIX_SHORT_SIZE", "4"),
        ("FLAGSHIP_PREFIX_LONG_SIZE", "6"),
        ("FLAGSHIP_PREFIX_SHORT_SIGNATURE_MAGIC", "0x4d41"),
        ("FLAGSHIP_COMMON_SIZE", "8"),
        ("FLAGSHIP_COMMON_PACKET_NUMBER_OFFSET", "6"),
        ("FLAGSHIP_COMMON_PACKET_NUMBER_SIZE", "2"),
        ("FLAGSHIP_DETAILS_LONG_GUID_OFFSET", "4"),
        ("FLAGSHIP_DETAILS_LONG_SIZE", "52"),
        ("FLAGSHIP_DETAILS_SHORT_OPAQUE_SIZE", "12"),
        ("FLAGSHIP_FRAME_CHECKSUM_SIZE", "1"),
        ("FLAGSHIP_GCM_PAYLOAD_CIPHERTEXT_OFFSET", "20"),
        ("FLAGSHIP_NOZZLE_TEMP_HAS_VALUE_CENTI_C", "(UINT32_C(1) << 2)"),
    ],
)
def test_constants(made, name, value):
    header = (made / "flagship/mqtt.h").read_text(encoding="utf-8")
    assert re.search(rf"^#define {name} +{re.escape(value)}$", header, re.MULTILINE)


def test_what_depends_on_the_variant_has_no_constant(made):
    header = (made / "flagship/mqtt.h").read_text(encoding="utf-8")
    assert "FLAGSHIP_FRAME_CIPHERTEXT_OFFSET" not in header
    assert "FLAGSHIP_FRAME_SIZE" not in header


def test_every_known_type_is_described(messages):
    for id_, name in VENDOR_NAMES.items():
        assert messages[id_].vendor_name.text == f"ZZ_MQTT_CMD_{name}"
        assert messages[id_].name.text == name.lower()
    for id_ in NAMELESS:
        assert messages[id_].vendor_name is None
    assert set(messages) == set(VENDOR_NAMES) | NAMELESS


def test_directions_and_grades(messages):
    def going(direction):
        return {
            id_
            for id_, message in messages.items()
            if direction in {found.text for found in message.directions}
        }

    assert going("command") == COMMANDS
    assert going("query") == QUERIES
    assert going("reply") == REPLIES
    assert going("notice") >= set(messages) - COMMANDS - QUERIES
    assert {id_ for id_, message in messages.items() if message.grade.text == "A"} == GRADE_A


def page_of(specification):
    return (ROOT / "docs" / "protocol" / f"{specification.stem}.md").read_text(encoding="utf-8")


@each_specification
def test_the_page_is_not_stale(specification):
    page = EMITTERS["markdown"](compile_specification(specification.read_bytes()), specification.stem)
    assert page_of(specification) == page, f"docs/protocol/{specification.stem}.md is stale; run: {RENEW.format(specification.stem)}"


@each_specification
def test_the_page_says_how_to_renew_it(specification):
    assert RENEW.format(specification.stem) in page_of(specification)


@each_specification
def test_links_of_the_page_lead_somewhere(specification):
    page = page_of(specification)
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    targets = set(re.findall(r"\]\(#([^)]*)\)", page))
    assert targets
    assert targets <= anchors
    assert len(anchors) == len(headings)


@pytest.mark.parametrize("what", EMITTERS)
def test_output_is_the_same_every_time(what):
    outputs = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        result = run_stfc(what, SPECIFICATION, env=environment)
        assert result.returncode == 0
        outputs.add(result.stdout)
    assert len(outputs) == 1


@each_specification
def test_check_is_silent_where_all_is_well(specification):
    result = run_stfc("check", specification)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_another_file_makes_other_names(tmp_path):
    path = tmp_path / "LAN-pppp.stf"
    path.write_text("# Kinds of packet.\nenum kind\n\thello = 0\t# a greeting\n", encoding="utf-8")
    header = run_stfc("header", path).stdout.decode("utf-8")
    assert "#ifndef FLAGSHIP_LAN_PPPP_H\n" in header
    assert "flagship_message" not in header
    tables = run_stfc("tables", path).stdout.decode("utf-8")
    assert "#include <flagship/lan_pppp.h>\n" in tables
    assert "flagship_message" not in tables
    assert "# LAN_PPPP reference\n" in run_stfc("markdown", path).stdout.decode("utf-8")


def test_the_example_of_the_language_is_right():
    readme = (TOOL / "README.md").read_text(encoding="utf-8")
    example = next(block for block in readme.split("```\n") if block.startswith("# How"))
    specification = compile_specification(example.encode("utf-8"))
    assert [len(kind) for kind in (specification.enums, specification.structs)] == [1, 3]
    assert [message.id.value for message in specification.messages] == [1003]
