// SPDX-License-Identifier: MIT
// uPlot by itself: it is loaded with the first chart.

import uPlot from 'uplot';

export { uPlot as UPlot };
