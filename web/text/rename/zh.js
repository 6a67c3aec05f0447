// SPDX-License-Identifier: MIT

/** @type {Record<string, string>} */
export const zh = {
	'rename.of': '重命名 {name}',
	'rename.name': '新名称',
	'rename.help': '打印机本身、网关以及所有使用者都会显示它：最多 64 个拉丁字母，其他文字更少。',
	'rename.long': '该名称对打印机来说太长。',
};
