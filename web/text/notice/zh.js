// SPDX-License-Identifier: MIT
// Of messages that are shown while the page is not open: push/worker.js.

/** @type {Record<string, string>} */
export const zh = {
	'notice.finished': '打印完成：{job}',
	'notice.finished_any': '打印完成',
	'notice.stopped': '打印已停止：{job}',
	'notice.stopped_any': '打印已停止',
	'notice.error': '错误：{reason}',
	'notice.error_any': '打印机报告错误',
	'notice.paused': '打印已暂停：{job}',
	'notice.paused_any': '打印已暂停',
	'notice.filament': '耗材用尽或断裂',
	'notice.plate': '打印完成。请清理打印板：下一个任务在等待',
	'notice.offline': '打印机离线',
	'notice.test': '此设备会收到通知',
	'notice.several_other': '{count} 台打印机',
	'notice.count_finished_other': '{count} 个打印完成',
	'notice.count_failed_other': '{count} 个失败',
	'notice.count_paused_other': '{count} 个暂停',
	'notice.count_plate_other': '{count} 块打印板待清理',
	'notice.count_offline_other': '{count} 台离线',
};
