// SPDX-License-Identifier: MIT
// By its code, for the page and for its service worker.

/** @type {Record<string, string>} */
export const zh = {
	'trouble.error_0xFF01030001': '耗材断裂或用尽。',
	'trouble.error_0xFF01030005': '文件未完整传输。',
	'trouble.printer_1': '运动控制板已停止。',
	'trouble.printer_2': '运动控制板离线。',
	'trouble.printer_3': '喷嘴加热异常。',
	'trouble.printer_4': '热床加热异常。',
	'trouble.printer_5': '打印失败。',
	'trouble.printer_6': '耗材用尽或断裂。',
	'trouble.printer_7': '喷嘴堵塞。',
	'trouble.printer_8': '调平异常。',
	'trouble.printer_9': '运动控制板没有响应。',
	'trouble.printer_10': '调平板故障。',
	'trouble.printer_11': '喷嘴过热。',
	'trouble.printer_12': '热床过热。',
	'trouble.printer_13': '加热器的一个开关管损坏。',
	'trouble.printer_14': '调平失败。',
	'trouble.printer_15': '加热器的两个开关管损坏。',
	'trouble.printer_16': '喷嘴温度过低。',
	'trouble.printer_17': '文件要求在此暂停。',
	'trouble.printer_18': '下载失败。',
	'trouble.printer_19': '文件已损坏。',
};
