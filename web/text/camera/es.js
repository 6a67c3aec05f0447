// SPDX-License-Identifier: MIT
// Of cameras.

/** @type {Record<string, string>} */
export const es = {
	'camera.all': 'Cámaras',
	'camera.of': 'Cámara de {name}',
	'camera.opening': 'La imagen está en camino …',
	'camera.none': 'Esta impresora no tiene cámara.',
	'camera.upload': 'Se está enviando un archivo a la impresora. Después, la imagen vuelve por sí sola.',
	'camera.held': 'Otro programa tiene la única sesión que da esta impresora: la aplicación del fabricante, por ejemplo. Ciérrela; mientras tanto se vuelve a intentar.',
	'camera.away': 'La impresora no responde en la red local. Se vuelve a intentar.',
	'camera.dark': 'La cámara no envía imagen: quizá esté apagada en la impresora. Se vuelve a intentar.',
	'camera.broken': 'La imagen se ha perdido. Se vuelve a intentar.',
	'camera.age': 'Esta imagen tiene {age}.',
	'camera.light': 'Luz',
	'camera.small': 'Imágenes pequeñas',
	'camera.still': 'Imágenes fijas',
	'camera.play': 'Imágenes en movimiento',
	'camera.full': 'Pantalla completa',
	'camera.full_end': 'Salir de pantalla completa',
	'camera.nobody': 'Ninguna impresora tiene cámara aquí.',
	'camera.without': 'Sin cámara:',
	'command.camera_quality': 'Tamaño de las imágenes',
	'command.camera_light': 'Luz de la cámara',
};
