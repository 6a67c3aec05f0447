// SPDX-License-Identifier: MIT
// Of films of jobs.

/** @type {Record<string, string>} */
export const zh = {
	'timelapse.none': '还没有影片。开启后，每次打印都会生成一部。',
	'timelapse.printer': '打印机',
	'timelapse.all_printers': '所有打印机',
	'timelapse.mode': '打印影片',
	'timelapse.mode_off': '关闭',
	'timelapse.mode_layer': '每层一张',
	'timelapse.mode_interval': '每 {seconds} 秒一张',
	'timelapse.light': '开灯拍摄',
	'timelapse.full': '网关的磁盘已满：不再录制。',
	'timelapse.no_file': '（无名称）',
	'timelapse.frames_one': '{number} 张',
	'timelapse.frames_other': '{number} 张',
	'timelapse.recording': '正在录制',
	'timelapse.later': '打印结束后才有影片。这是最后一张画面。',
	'timelapse.of': '{file} 的延时影片',
	'timelapse.save': '保存',
	'timelapse.delete': '删除',
	'timelapse.sure': '永久删除',
};
