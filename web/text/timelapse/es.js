// SPDX-License-Identifier: MIT
// Of films of jobs.

/** @type {Record<string, string>} */
export const es = {
	'timelapse.none': 'Todavía no hay ninguna película. Una vez activado esto, cada impresión se convierte en una.',
	'timelapse.printer': 'Impresora',
	'timelapse.all_printers': 'Todas las impresoras',
	'timelapse.mode': 'Películas de las impresiones',
	'timelapse.mode_off': 'Desactivado',
	'timelapse.mode_layer': 'Una imagen por capa',
	'timelapse.mode_interval': 'Una imagen cada {seconds} s',
	'timelapse.light': 'Con luz',
	'timelapse.full': 'El disco de la pasarela está lleno: no se graba nada.',
	'timelapse.no_file': '(sin nombre)',
	'timelapse.frames_one': '{number} imagen',
	'timelapse.frames_other': '{number} imágenes',
	'timelapse.recording': 'Se está grabando',
	'timelapse.later': 'La película estará lista cuando termine la impresión. Esta es su última imagen.',
	'timelapse.of': 'Cámara rápida de {file}',
	'timelapse.save': 'Guardar',
	'timelapse.delete': 'Eliminar',
	'timelapse.sure': 'Eliminar definitivamente',
};
