// SPDX-License-Identifier: MIT
// Commands that these printers know (protocol.md); what each does is a text of that name.

export const gcodes = [
	'G0', 'G1', 'G4', 'G28', 'G29', 'G90', 'G91', 'G92',
	'M82', 'M83', 'M84', 'M92', 'M104', 'M105', 'M106', 'M107', 'M109', 'M114', 'M115', 'M117', 'M140', 'M190', 'M201', 'M203', 'M204', 'M205', 'M211', 'M220', 'M221', 'M290',
	'M301', 'M302', 'M303', 'M304', 'M400', 'M420', 'M500', 'M501', 'M502', 'M503', 'M851', 'M900',
];
