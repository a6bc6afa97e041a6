extension ReportPage {
  /// How pages write numbers and the scale beside a bar of colours, in JavaScript.
  package static let numberScript = #"""
    const minus = text => text.replace('-', '\u2212');
    const number = x => Number.isNaN(x) ? 'no value' : minus((Math.abs(x) >= 1e5 && !Number.isInteger(x)) || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(4) : String(Number(x.toPrecision(6))));
    // Digits follow the error: two of it, the value to the same place.
    function measured(x, sigma) {
      if (!(sigma > 0) || !Number.isFinite(x)) return number(x);
      const place = Math.min(12, 1 - Math.floor(Math.log10(Number(sigma.toPrecision(2)))));
      const told = v => place >= 0 ? v.toFixed(place) : String(Math.round(v * 10 ** place) / 10 ** place);
      return minus(told(x)) + ' \u00b1 ' + told(sigma);
    }
    // As many decimals as tell the ends of a range apart to three digits.
    function short(x, range) {
      const place = Math.floor(Math.log10(range)), size = Math.max(Math.abs(x), range);
      return minus(size >= 1e6 || size < 1e-3 ? x.toExponential(Math.min(12, Math.max(2, 2 + Math.floor(Math.log10(size)) - place))) : x.toFixed(Math.min(12, Math.max(0, 2 - place))));
    }
    // The least of 1, 2 or 5 times a power of ten that is not below a number.
    function roundStep(least) {
      const decade = 10 ** Math.floor(Math.log10(least));
      return decade * ([1, 2, 5].find(k => k * decade >= least * 0.999999) || 10);
    }
    // Round numbers for the ends of the colours.
    function roundEnds(low, high) {
      const step = roundStep((high - low) / 20);
      return [Math.floor(low / step + 1e-6) * step, Math.ceil(high / step - 1e-6) * step];
    }
    const span = text => { const part = document.createElement('span'); part.textContent = text; return part; };
    // The ends, and round numbers between them as far as there is room; what lies beyond the ends is said.
    function placeTicks(node, room, low, high, least, most) {
      const range = high - low, step = roundStep(range / Math.max(2, Math.floor(room / 30)));
      const places = [high, low];
      for (let k = Math.ceil(low / step); k * step < high; k++) {
        const away = Math.min(k * step - low, high - k * step) / range * room;
        if (away > 19) places.push(k * step);
      }
      const isExact = d => places.every(x => Math.abs(Number(x.toFixed(d)) - x) < 1e-4 * range);
      const decimals = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find(isExact) ?? 10;
      const size = Math.max(Math.abs(low), Math.abs(high));
      const told = x => size >= 1e6 || size < 1e-3 ? short(x, range) : minus(x.toFixed(decimals));
      const texts = places.map(x => (x === high && most > high ? '\u2265 ' : x === low && least < low ? '\u2264 ' : '') + told(x));
      // The longest text, unseen, gives the width.
      const sizer = span(texts.reduce((a, b) => b.length > a.length ? b : a));
      sizer.className = 'sizer';
      sizer.ariaHidden = 'true';
      node.replaceChildren(sizer, ...places.map((x, i) => {
        const tick = span(texts[i]), part = (high - x) / range;
        tick.style.top = 100 * part + '%';
        tick.style.transform = `translateY(${-100 * part}%)`;
        return tick;
      }));
    }
    """#

  /// The slice viewer, in plain JavaScript: a volume and, where there is one, its standard error in the same slice.
  static let viewerScript = #"""

    (() => {
      'use strict';
      const page = JSON.parse(document.getElementById('volumes').textContent);
      const el = id => document.getElementById(id);
      const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
      const maps = {};
      for (const name of Object.keys(page.maps)) maps[name] = bytes(page.maps[name]);
      const volumes = page.volumes.map(v => ({...v, values: new Float32Array(bytes(v.data).buffer), low: v.range[0], high: v.range[1]}));
      for (const v of volumes) {
        [v.least, v.most] = [Infinity, -Infinity];
        for (const x of v.values) if (Number.isFinite(x)) { if (x < v.least) v.least = x; if (x > v.most) v.most = x; }
        if (!v.classes) [v.low, v.high] = roundEnds(v.low, v.high);
      }
      const option = (text, value) => { const o = document.createElement('option'); o.textContent = text; o.value = value; return o; };
      volumes.forEach((v, i) => { el('volume').append(option(v.name, i)); el('under').append(option(v.name, i)); });
      el('under').prepend(option('nothing', -1));
      el('under').value = -1;
      Object.keys(maps).sort().forEach(name => el('map').append(option(name, name)));
      const axes = {z: 0, y: 1, x: 2};
      const cursor = {u: 0, v: 0};
      // The value and its error: parts of the page with the same form.
      const stages = ['', '-sigma'].map(end => ({stage: el('stage' + end), canvas: el('slice' + end), bar: el('bar' + end), ticks: el('ticks' + end), mark: el('mark' + end), name: el('name' + end), box: el('slice' + end).parentElement}));
      // Whether a value was asked for: from then on it follows every choice.
      let isRead = false;
      \#(numberScript)
      const length = (x, unit) => minus(String(Number(x.toPrecision(6)))) + unit;
      // The first slice is 1 for people and 0 for the arrays.
      const slice = () => Number(el('index').value) - 1;
      const current = () => volumes[el('volume').value];
      const errors = () => volumes.find(v => v.name === current().sigma);
      const unitOf = volume => volume.hasKnownSpacing ? ' \u00b5m' : ' voxels';
      const className = (volume, value) => { const i = (volume.classes || []).indexOf(value); return i >= 0 && volume.classNames ? volume.classNames[i] : ''; };

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
        p[cut] = volume.origin[cut] + (slice() + 0.5) * volume.spacing[cut];
        return p;
      }
      function color(volume, value, table) {
        const classes = volume.classes;
        const t = classes ? (classes.indexOf(value) + 0.5) / classes.length : (value - volume.low) / (volume.high - volume.low);
        const k = 3 * Math.round(Math.min(1, Math.max(0, t)) * 255);
        return [table[k], table[k + 1], table[k + 2]];
      }
      function paint(canvas, volume, table, under, fine) {
        const [across, down] = frame(), shown = current();
        const width = shown.shape[across] * fine, height = shown.shape[down] * fine;
        canvas.width = width; canvas.height = height;
        const context = canvas.getContext('2d');
        const image = context.createImageData(width, height);
        const blend = under ? el('blend').value / 100 : 1;
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
          const p = point((x + 0.5) / fine - 0.5, (y + 0.5) / fine - 0.5);
          const found = at(volume, p), value = Number.isFinite(found) ? found : NaN;
          // A missing voxel is clear, and the hatching behind the canvas is seen.
          let rgb = Number.isNaN(value) ? [0, 0, 0] : color(volume, value, table);
          if (under) {
            const below = at(under, p);
            const ground = Number.isNaN(below) ? [215, 215, 215] : color(under, below, maps.grey);
            rgb = Number.isNaN(value) ? ground : rgb.map((c, i) => blend * c + (1 - blend) * ground[i]);
          }
          // A voxel without a value stays hatched, also over the other volume.
          image.data.set([rgb[0], rgb[1], rgb[2], !Number.isNaN(value) ? 255 : under ? 140 : 0], 4 * (y * width + x));
        }
        context.putImageData(image, 0, 0);
      }
      // Both pictures have one size: that of the window's half, or its whole width where they are flat and lie below each other.
      function layOut(aspect, isPair) {
        // Flat pictures, and those of a narrow window, stand below each other.
        const isNarrow = el('stages').clientWidth < 544, isFlat = aspect < 0.4 || isNarrow;
        el('stages').classList.toggle('flat', isPair && isFlat);
        const viewer = el('stages').parentElement;
        viewer.classList.toggle('pair', isPair && !isFlat);
        const room = el('stages').clientWidth, side = isPair && !isFlat ? (room - 16) / 2 : room;
        const ticks = Math.max(...stages.slice(0, isPair ? 2 : 1).map(one => Math.ceil(one.ticks.getBoundingClientRect().width)));
        const beside = stages[0].stage.querySelector('.bar').offsetWidth + ticks + 2 * parseFloat(getComputedStyle(stages[0].stage).columnGap);
        // The picture, its place and its value end where the window does, if that leaves enough of the picture.
        const above = stages[0].box.getBoundingClientRect().top + scrollY, below = 96;
        const room0 = (isPair && isFlat ? 0.5 : 1) * (innerHeight - above - below) - (isPair && isFlat ? 24 : 0);
        const share = isPair && isNarrow ? 0.36 : isPair && isFlat ? 0.24 : 0.5;
        const most = isNarrow ? Math.max(160, share * innerHeight) : Math.max(160, Math.min(640, share * innerHeight, Math.max(room0, share * 0.55 * innerHeight))), least = 64;
        const width = Math.max(40, side - beside - 2);
        let w = Math.min(width, most / aspect);
        // What would shrink to a line keeps a height or a width that can be seen, and is scrolled.
        if (w * aspect < least) w = least / aspect;
        if (w < least) w = least;
        for (const one of stages) {
          one.canvas.style.aspectRatio = String(1 / aspect);
          one.box.style.maxWidth = width + 'px';
          one.box.style.maxHeight = Math.max(most, least) + 20 + 'px';
        }
        viewer.style.setProperty('--screen', w + 'px');
        return w;
      }
      function draw() {
        const volume = current(), sigma = errors();
        const under = volumes[el('under').value];
        const [across, down, cut] = frame();
        const isPair = Boolean(sigma) && el('beside').checked;
        el('beside').disabled = !sigma;
        el('blend').disabled = !under;
        stages[1].stage.hidden = !isPair;
        // With a finer volume below, its voxels set the pixels.
        const fine = under ? Math.max(1, Math.min(8, Math.round(volume.spacing[across] / under.spacing[across]))) : 1;
        const aspect = (volume.shape[down] * volume.spacing[down]) / (volume.shape[across] * volume.spacing[across]);
        const table = maps[el('map').value];
        drawBar(stages[0], volume, table);
        if (isPair) drawBar(stages[1], sigma, maps[sigma.map]);
        layOut(aspect, isPair);
        paint(stages[0].canvas, volume, table, under, fine);
        if (isPair) paint(stages[1].canvas, sigma, maps[sigma.map], null, 1);
        const index = slice();
        const place = el('axis').value + ' = ' + length(point(0, 0)[cut], volume.hasKnownSpacing ? ' \u00b5m' : '');
        [volume, sigma].forEach((one, i) => {
          if (!one) return;
          stages[i].name.replaceChildren(...one.labelRuns.map(([level, text]) => {
            const run = document.createElement(level);
            run.textContent = text;
            return run;
          }));
          stages[i].canvas.setAttribute('aria-label', one.name + ', slice ' + (index + 1) + ' of ' + volume.shape[cut] + ' across ' + el('axis').value + '. Arrow keys move the cursor, page up and page down change the slice.');
        });
        drawRule(volume, across);
        el('where').textContent = volume.name + ', ' + 'zyx'[across] + '\u00a0\u2192, ' + 'zyx'[down] + '\u00a0\u2193; ' + place + ' (slice ' + (index + 1) + ' of ' + volume.shape[cut] + ')';
        el('note').textContent = volume.reduction > 1 ? 'Shown in means of ' + volume.reduction + ' \u00d7 ' + volume.reduction + ' \u00d7 ' + volume.reduction + ' voxels.' : '';
        el('place').textContent = el('axis').value + ' ' + (index + 1) + '/' + volume.shape[cut];
        el('index').setAttribute('aria-valuetext', place + ', slice ' + (index + 1) + ' of ' + volume.shape[cut]);
        drawMarks();
      }
      function drawBar(one, volume, table) {
        const context = one.bar.getContext('2d');
        const image = context.createImageData(1, 256);
        const classes = volume.classes;
        for (let i = 0; i < 256; i++) {
          const t = classes ? Math.round((Math.floor((255 - i) * classes.length / 256) + 0.5) / classes.length * 255) : 255 - i;
          image.data.set([table[3 * t], table[3 * t + 1], table[3 * t + 2], 255], 4 * i);
        }
        context.putImageData(image, 0, 0);
        one.ticks.classList.toggle('classes', Boolean(classes));
        const room = one.bar.clientHeight || 200;
        if (classes) {
          one.ticks.replaceChildren(...[...classes].reverse().map(c => span(className(volume, c) || number(c))));
          return;
        }
        placeTicks(one.ticks, room, volume.low, volume.high, volume.least, volume.most);
      }
      function drawRule(volume, across) {
        const extent = volume.shape[across] * volume.spacing[across];
        const scale = stages[0].canvas.clientWidth / extent;
        const part = length => 'calc((var(--shown) - 2px) * ' + length / extent + ')';
        // No longer than a third of what is seen.
        const limit = Math.min(stages[0].canvas.clientWidth, stages[0].box.clientWidth) / scale / 3, decade = 10 ** Math.floor(Math.log10(limit));
        const bar = [10, 5, 2, 1].map(k => k * decade).find(k => k <= limit * 1.000001) || decade;
        el('rule').style.width = part(bar);
        el('length').textContent = volume.hasKnownSpacing
          ? (bar >= 1000 ? bar / 1000 + ' mm' : bar < 1 ? bar * 1000 + ' nm' : bar + ' \u00b5m')
          : bar + ' voxels (size unknown)';
      }
      // The voxel under the cursor is framed in both pictures.
      function drawMarks(isFollowed) {
        const volume = current(), [across, down] = frame();
        for (const one of stages) {
          one.mark.hidden = !isRead;
          const w = one.canvas.clientWidth / volume.shape[across], h = one.canvas.clientHeight / volume.shape[down];
          const width = Math.max(5, w), height = Math.max(5, h);
          Object.assign(one.mark.style, {left: one.canvas.offsetLeft + 1 + (cursor.u + 0.5) * w - width / 2 + 'px', top: one.canvas.offsetTop + 1 + (cursor.v + 0.5) * h - height / 2 + 'px', width: width + 'px', height: height + 'px'});
          if (isFollowed && !one.stage.hidden) {
            const box = one.box;
            box.scrollLeft = Math.min(Math.max(box.scrollLeft, one.mark.offsetLeft + width - box.clientWidth), one.mark.offsetLeft);
            box.scrollTop = Math.min(Math.max(box.scrollTop, one.mark.offsetTop + height - box.clientHeight), one.mark.offsetTop);
          }
        }
      }
      function read(isFollowed) {
        isRead = true;
        const volume = current(), sigma = errors();
        const p = point(cursor.u, cursor.v);
        const unit = volume.hasKnownSpacing ? ' \u00b5m' : '';
        const value = at(volume, p);
        const name = className(volume, value);
        let text = 'At (' + length(p[2], '') + ', ' + length(p[1], '') + ', ' + length(p[0], '') + ')' + unit + ': ' + volume.short + ' = ' + measured(value, sigma ? at(sigma, p) : NaN) + (Number.isNaN(value) ? '' : volume.unit) + (name ? ' (' + name + ')' : '');
        const under = volumes[el('under').value];
        if (under) text += '; ' + under.name + ' = ' + number(at(under, p));
        el('readout').textContent = text;
        drawMarks(isFollowed);
      }
      function clampCursor() {
        const volume = current(), [across, down] = frame();
        cursor.u = Math.min(volume.shape[across] - 1, Math.max(0, cursor.u));
        cursor.v = Math.min(volume.shape[down] - 1, Math.max(0, cursor.v));
      }
      function chooseAxis() {
        const volume = current(), cut = frame()[2];
        el('index').max = volume.shape[cut];
        el('index').value = Math.floor(volume.shape[cut] / 2) + 1;
        clampCursor(); draw(); if (isRead) read();
      }
      function chooseVolume() {
        const volume = current();
        el('map').value = volume.map;
        // Four digits of what lies between the ends.
        const size = Math.max(Math.abs(volume.low), Math.abs(volume.high)), more = Math.floor(Math.log10(size / (volume.high - volume.low)));
        const digits = Math.min(12, 4 + Math.max(0, more || 0));
        el('low').value = Number(volume.low.toPrecision(digits));
        el('high').value = Number(volume.high.toPrecision(digits));
        el('low').disabled = el('high').disabled = Boolean(volume.classes);
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
      for (const id of ['under', 'map', 'beside']) el(id).addEventListener('change', () => { draw(); if (isRead) read(); });
      for (const id of ['index', 'blend']) el(id).addEventListener('input', () => { draw(); read(); });
      for (const id of ['low', 'high']) el(id).addEventListener('change', chooseRange);
      for (const {canvas} of stages) {
        const point = event => {
          const box = canvas.getBoundingClientRect(), volume = current(), [across, down] = frame();
          cursor.u = Math.floor((event.clientX - box.left) / box.width * volume.shape[across]);
          cursor.v = Math.floor((event.clientY - box.top) / box.height * volume.shape[down]);
          clampCursor(); read();
        };
        for (const name of ['pointermove', 'pointerdown']) canvas.addEventListener(name, point);
        canvas.addEventListener('focus', () => read());
        canvas.addEventListener('keydown', event => {
          const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
          const slices = {PageUp: 1, PageDown: -1, Home: -1e9, End: 1e9};
          const step = event.shiftKey ? {ArrowUp: 1, ArrowDown: -1}[event.key] : slices[event.key];
          if (event.altKey || event.ctrlKey || event.metaKey) return;
          if (step) { el('index').value = Number(el('index').value) + step; draw(); read(); }
          else if (moves[event.key]) { cursor.u += moves[event.key][0]; cursor.v += moves[event.key][1]; clampCursor(); read(true); }
          else return;
          event.preventDefault();
        });
      }
      // What is scrolled in one picture is scrolled in the other.
      stages.forEach((one, i) => one.box.addEventListener('scroll', () => {
        const other = stages[1 - i].box;
        if (other.scrollLeft !== one.box.scrollLeft || other.scrollTop !== one.box.scrollTop) other.scrollTo(one.box.scrollLeft, one.box.scrollTop);
      }));
      addEventListener('resize', draw);
      chooseVolume();
      // Once more with the bars at their height, which says how many ticks have room.
      draw();
    })();

    """#
}
