// SPDX-License-Identifier: MIT
// Of cameras.

/** @type {Record<string, string>} */
export const zh = {
	'camera.all': '摄像头',
	'camera.of': '{name} 的摄像头',
	'camera.opening': '画面即将出现…',
	'camera.none': '这台打印机没有摄像头。',
	'camera.upload': '正在向打印机发送文件。之后画面会自动恢复。',
	'camera.held': '另一个程序占用了这台打印机唯一的会话，例如厂商的应用。请在那里关闭；期间会继续重试。',
	'camera.away': '打印机在局域网内没有应答。正在重试。',
	'camera.dark': '摄像头没有发送画面：可能已在打印机上关闭。正在重试。',
	'camera.broken': '画面已中断。正在重试。',
	'camera.age': '此画面是 {age} 之前的。',
	'camera.light': '灯光',
	'camera.small': '小画面',
	'camera.still': '静态画面',
	'camera.play': '动态画面',
	'camera.full': '全屏',
	'camera.full_end': '退出全屏',
	'camera.nobody': '这里没有带摄像头的打印机。',
	'camera.without': '没有摄像头：',
	'command.camera_quality': '画面尺寸',
	'command.camera_light': '摄像头灯光',
};
