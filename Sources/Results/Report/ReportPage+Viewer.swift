extension ReportPage {
  /// The slice viewer, in plain JavaScript.
  static let viewerScript = #"""

    (() => {
      'use strict';
      const page = JSON.parse(document.getElementById('volumes').textContent);
      const el = id => document.getElementById(id);
      const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
      const maps = {};
      for (const name of Object.keys(page.maps)) maps[name] = bytes(page.maps[name]);
      const volumes = page.volumes.map(v => ({...v, values: new Float32Array(bytes(v.data).buffer), low: v.range[0], high: v.range[1]}));
      const option = (text, value) => { const o = document.createElement('option'); o.textContent = text; o.value = value; return o; };
      volumes.forEach((v, i) => { el('volume').append(option(v.name, i)); el('under').append(option(v.name, i)); });
      el('under').prepend(option('nothing', -1));
      el('under').value = -1;
      Object.keys(maps).sort().forEach(name => el('map').append(option(name, name)));
      const axes = {z: 0, y: 1, x: 2};
      const cursor = {u: 0, v: 0};
      // Whether a value was asked for: from then on it follows every choice.
      let isRead = false;
      const number = x => Number.isNaN(x) ? 'no value' : (Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3)) ? x.toExponential(4) : String(Number(x.toPrecision(6)));
      // As many decimals as tell the ends of a range apart to three digits.
      const short = (x, range) => Math.abs(x) >= 1e6 || range < 1e-4 ? x.toExponential(2) : x.toFixed(Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(range)))));
      const current = () => volumes[el('volume').value];

      // Axes of the picture: across, down, and the one that the slice is cut across.
      function frame() {
        const cut = axes[el('axis').value];
        return cut === 0 ? [2, 1, 0] : cut === 1 ? [2, 0, 1] : [1, 0, 2];
      }
      function at(volume, point) {
        const i = point.map((p, a) => Math.floor((p - volume.origin[a]) / volume.spacing[a] + 1e-9));
        if (i.some((k, a) => k < 0 || k >= volume.shape[a])) return NaN;
        return volume.values[(i[0] * volume.shape[1] + i[1]) * volume.shape[2] + i[2]];
      }
      function point(u, v) {
        const volume = current();
        const [across, down, cut] = frame();
        const p = [0, 0, 0];
        p[across] = volume.origin[across] + (u + 0.5) * volume.spacing[across];
        p[down] = volume.origin[down] + (v + 0.5) * volume.spacing[down];
        p[cut] = volume.origin[cut] + (Number(el('index').value) + 0.5) * volume.spacing[cut];
        return p;
      }
      function color(volume, value, table) {
        const t = Math.min(1, Math.max(0, (value - volume.low) / (volume.high - volume.low)));
        const k = 3 * Math.round(t * 255);
        return [table[k], table[k + 1], table[k + 2]];
      }
      function draw() {
        const volume = current();
        const under = volumes[el('under').value];
        const [across, down] = frame();
        // With a finer volume below, its voxels set the pixels.
        const fine = under ? Math.max(1, Math.min(8, Math.round(volume.spacing[across] / under.spacing[across]))) : 1;
        const width = volume.shape[across] * fine, height = volume.shape[down] * fine;
        const canvas = el('slice');
        canvas.width = width; canvas.height = height;
        const aspect = (volume.shape[down] * volume.spacing[down]) / (volume.shape[across] * volume.spacing[across]);
        // Picture, bar and the value under the cursor fit a window.
        const most = Math.max(200, Math.min(640, 0.52 * innerHeight));
        canvas.style.width = Math.min(most, most / aspect) + 'px';
        canvas.style.maxWidth = '100%';
        canvas.style.aspectRatio = String(1 / aspect);
        const context = canvas.getContext('2d');
        const image = context.createImageData(width, height);
        const table = maps[el('map').value], greys = maps.grey;
        const blend = under ? el('blend').value / 100 : 1;
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
          const p = point((x + 0.5) / fine - 0.5, (y + 0.5) / fine - 0.5);
          const value = at(volume, p);
          // A missing voxel is clear, and the hatching behind the canvas is seen.
          let rgb = Number.isNaN(value) ? [0, 0, 0] : color(volume, value, table);
          if (under) {
            const below = at(under, p);
            const ground = Number.isNaN(below) ? [215, 215, 215] : color(under, below, greys);
            // A voxel without a value stays hatched over the other volume.
            const hatch = (x + y) % 4 === 0 ? [120, 120, 120] : ground;
            rgb = Number.isNaN(value) ? hatch : rgb.map((c, i) => blend * c + (1 - blend) * ground[i]);
          }
          image.data.set([rgb[0], rgb[1], rgb[2], Number.isNaN(value) && !under ? 0 : 255], 4 * (y * width + x));
        }
        context.putImageData(image, 0, 0);
        canvas.setAttribute('aria-label', volume.name + ', slice ' + el('index').value + ' across ' + el('axis').value);
        drawBar(volume, table);
        drawRule(volume, across);
        el('note').textContent = volume.reduction > 1 ? 'Shown in means of ' + volume.reduction + ' x ' + volume.reduction + ' x ' + volume.reduction + ' voxels.' : '';
        const cut = frame()[2];
        el('place').textContent = el('axis').value + ' ' + el('index').value + '/' + (volume.shape[cut] - 1);
      }
      function drawBar(volume, table) {
        const context = el('bar').getContext('2d');
        const image = context.createImageData(1, 256);
        for (let i = 0; i < 256; i++) image.data.set([table[3 * (255 - i)], table[3 * (255 - i) + 1], table[3 * (255 - i) + 2], 255], 4 * i);
        context.putImageData(image, 0, 0);
        el('ticks').replaceChildren(...[1, 0.75, 0.5, 0.25, 0].map(t => {
          const tick = document.createElement('span');
          tick.textContent = short(volume.low + t * (volume.high - volume.low), volume.high - volume.low);
          return tick;
        }));
      }
      function drawRule(volume, across) {
        const extent = volume.shape[across] * volume.spacing[across];
        const limit = extent / 3, decade = 10 ** Math.floor(Math.log10(limit));
        const length = [10, 5, 2, 1].map(k => k * decade).find(k => k <= limit * 1.000001) || decade;
        el('rule').style.width = (el('slice').clientWidth * length / extent) + 'px';
        el('length').textContent = volume.hasKnownSpacing
          ? (length >= 1000 ? length / 1000 + ' mm' : length < 1 ? length * 1000 + ' nm' : length + ' \u00b5m')
          : length + ' voxels (size unknown)';
      }
      function read() {
        isRead = true;
        const volume = current();
        const p = point(cursor.u, cursor.v);
        const unit = volume.hasKnownSpacing ? ' \u00b5m' : '';
        let text = 'x ' + number(p[2]) + ', y ' + number(p[1]) + ', z ' + number(p[0]) + unit + ': ' + volume.label + ' = ' + number(at(volume, p));
        // The standard error of a quantity is the volume of its name with _sigma.
        const error = volumes.find(v => v.name === volume.name + '_sigma');
        if (error && !Number.isNaN(at(volume, p))) text += ' \u00b1 ' + number(at(error, p));
        const under = volumes[el('under').value];
        if (under) text += '; ' + under.name + ' = ' + number(at(under, p));
        el('readout').textContent = text;
      }
      function clampCursor() {
        const volume = current(), [across, down] = frame();
        cursor.u = Math.min(volume.shape[across] - 1, Math.max(0, cursor.u));
        cursor.v = Math.min(volume.shape[down] - 1, Math.max(0, cursor.v));
      }
      function chooseAxis() {
        const volume = current(), cut = frame()[2];
        el('index').max = volume.shape[cut] - 1;
        el('index').value = Math.floor(volume.shape[cut] / 2);
        clampCursor(); draw(); if (isRead) read();
      }
      function chooseVolume() {
        const volume = current();
        el('map').value = volume.map;
        el('low').value = Number(volume.low.toPrecision(5));
        el('high').value = Number(volume.high.toPrecision(5));
        chooseAxis();
      }
      function chooseRange() {
        const volume = current(), low = Number(el('low').value), high = Number(el('high').value);
        const isGood = el('low').value !== '' && el('high').value !== '' && low < high;
        el('high').setCustomValidity(isGood ? '' : 'The second number must be larger than the first.');
        if (!isGood) return;
        volume.low = low; volume.high = high;
        draw(); if (isRead) read();
      }
      el('volume').addEventListener('change', chooseVolume);
      el('axis').addEventListener('change', chooseAxis);
      for (const id of ['under', 'map']) el(id).addEventListener('change', () => { draw(); if (isRead) read(); });
      for (const id of ['index', 'blend']) el(id).addEventListener('input', () => { draw(); read(); });
      for (const id of ['low', 'high']) el(id).addEventListener('change', chooseRange);
      el('slice').addEventListener('pointermove', event => {
        const box = el('slice').getBoundingClientRect(), volume = current(), [across, down] = frame();
        cursor.u = Math.floor((event.clientX - box.left) / box.width * volume.shape[across]);
        cursor.v = Math.floor((event.clientY - box.top) / box.height * volume.shape[down]);
        clampCursor(); read();
      });
      el('slice').addEventListener('keydown', event => {
        const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
        if (moves[event.key]) { cursor.u += moves[event.key][0]; cursor.v += moves[event.key][1]; clampCursor(); read(); }
        else if (event.key === 'PageUp' || event.key === 'PageDown') {
          el('index').value = Number(el('index').value) + (event.key === 'PageUp' ? 1 : -1);
          draw(); read();
        } else return;
        event.preventDefault();
      });
      addEventListener('resize', draw);
      chooseVolume();
    })();

    """#
}
