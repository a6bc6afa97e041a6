import Drawing
import Foundation
import Results

/// The page that shows a map while it grows. It takes the look and the numbers of the report page.
///
/// The page itself holds no name and no number of the data: all come as JSON and are shown as text, so that nothing in a file can be taken for
/// a part of the page.
enum LivePage {
  /// - Parameter nonce: what scripts and styles of this answer carry.
  static func html(nonce: String) -> String {
    let maps = [("li", ColorMap.batlow), ("li_sigma", ColorMap.lajolla)].map { name, map in
      "\"\(name)\": \"\(Data(map.table()).base64EncodedString())\""
    }.joined(separator: ", ")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Voxelith: a map that grows</title>
      <link rel="icon" href="data:,">
      <style nonce="\(nonce)">\(ReportPage.style)\(style)</style></head>
      <body>
      \(markup)
      <script nonce="\(nonce)">const tables = {\(maps)};\(ReportPage.themeScript)\(script)</script>
      </body></html>
      """
  }

  private static let style = """

    #state { font-weight: 600; }
    #state.lost { color: var(--warnline); }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .6rem; margin: .8rem 0; }
    .facts div { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .4rem .7rem; min-width: 0; }
    .facts dt { color: var(--soft); font-size: .85rem; }
    .facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
    .stage { flex: 1 1 0; grid-template-columns: minmax(0, max-content) 18px auto; justify-content: start; max-width: 34rem; }
    .stages.flat .stage { flex: none; width: 100%; }
    #slice, #slice-sigma { width: var(--shown); }
    #where { margin: .3rem 0 0; }
    #box, #box-sigma { position: absolute; border: 2px dashed #000000; outline: 1px dashed #ffffff; pointer-events: none; }
    #box[hidden], #box-sigma[hidden] { display: none; }
    #spectrum { width: 100%; height: 16rem; border: 1px solid var(--line); border-radius: 6px; display: block; }
    .good { color: inherit; }
    .bad { color: var(--warnline); font-weight: 600; }

    """

  private static let markup = """
    <header><h1>A map that grows</h1><button id="theme" type="button" aria-label="Light or dark">light / dark</button></header>
    <p><span id="state" role="status" aria-live="polite">connecting</span> <span id="files" class="quiet"></span></p>
    <p class="lead" id="mean"></p>
    <ul class="warnings" id="notices" hidden></ul>
    <dl class="facts">
    <div><dt>voxels mapped</dt><dd id="mapped">none</dd></div>
    <div><dt>&sigma;(x), median and largest</dt><dd id="sigmas">none</dd></div>
    <div><dt>counts in the fit's window</dt><dd id="counts">none</dd></div>
    <div><dt>counts per second</dt><dd id="rate">not known yet</dd></div>
    <div><dt>the model</dt><dd id="misfit">not tested yet</dd></div>
    <div><dt>the gain between exposures</dt><dd id="drift">one exposure</dd></div>
    <div><dt>last renewal</dt><dd id="renewal">none</dd></div>
    </dl>
    <section><h2>Map and error</h2>
    <div class="controls">
    <label><span>axis</span><select id="axis"><option>z</option><option>y</option><option>x</option></select></label>
    <label><span id="place">slice</span><input id="index" type="range" min="0" max="0" value="0" aria-label="Slice"></label>
    </div>
    <div class="stages" id="stages">
    <div class="stage"><div class="name">x</div><div class="picture"><canvas id="slice" tabindex="0" width="1" height="1" aria-label="x, slice" role="application" aria-roledescription="slice" aria-describedby="readout"></canvas><div class="mark" id="mark" hidden></div><div id="box" hidden></div></div>
    <div class="bar"><canvas id="bar" width="1" height="256" aria-hidden="true"></canvas></div><div class="ticks" id="ticks"></div></div>
    <div class="stage"><div class="name">&sigma;(x)</div><div class="picture"><canvas id="slice-sigma" tabindex="0" width="1" height="1" aria-label="standard error of x, slice" role="application" aria-roledescription="slice" aria-describedby="readout"></canvas><div class="mark" id="mark-sigma" hidden></div><div id="box-sigma" hidden></div></div>
    <div class="bar"><canvas id="bar-sigma" width="1" height="256" aria-hidden="true"></canvas></div><div class="ticks" id="ticks-sigma"></div></div>
    </div>
    <p id="where"></p>
    <p id="readout" aria-live="polite">Move over a picture for the spectrum of a voxel, or use the arrow keys on it. Drag over a region to choose it. Hatched: no value.</p>
    </section>
    <section><h2>Spectrum under the cursor</h2>
    <canvas id="spectrum" width="900" height="256" role="img" aria-label="Spectrum of the voxel under the cursor"></canvas>
    <p class="quiet" id="about">Points: counts. Line: what the calibration expects at the x of the voxel.</p>
    </section>
    <section><h2>Time left</h2>
    <p><label>wanted &sigma;(x) <input id="wanted" type="number" min="0.0001" step="0.001" value="0.05"></label></p>
    <div class="scroll"><table><thead><tr><th>in</th><th>&sigma;(x) now</th><th>time left</th></tr></thead><tbody>
    <tr><td>all voxels (median)</td><td id="now-all"></td><td id="left-all"></td></tr>
    <tr><td>the worst voxel</td><td id="now-worst"></td><td id="left-worst"></td></tr>
    <tr><td id="name-region">a region (drag over a picture)</td><td id="now-region"></td><td id="left-region"></td></tr>
    </tbody></table></div>
    </section>
    """

  private static let script = #"""

    (() => {
      'use strict';
      const el = id => document.getElementById(id);
      const token = new URLSearchParams(location.search).get('token');
      const address = (path, more) => { const all = new URLSearchParams(more || {}); if (token) all.set('token', token); const text = all.toString(); return path + (text ? '?' + text : ''); };
      const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
      const colors = {li: bytes(tables.li), li_sigma: bytes(tables.li_sigma)};
      \#(ReportPage.numberScript)
      const stages = [
        {name: 'li', canvas: el('slice'), bar: el('bar'), ticks: el('ticks'), mark: el('mark'), box: el('box')},
        {name: 'li_sigma', canvas: el('slice-sigma'), bar: el('bar-sigma'), ticks: el('ticks-sigma'), mark: el('mark-sigma'), box: el('box-sigma')}];
      let status = null, run = null, busy = false, again = false, cursor = null, region = null, wanted = 0;
      const live = {events: 0, renewal: 0, connections: 0};
      window.live = live;

      function time(seconds) {
        if (seconds === null || seconds === undefined) return 'not known';
        if (seconds < 60) return Math.round(seconds) + ' s';
        if (seconds < 5400) return Math.round(seconds / 60) + ' min';
        const hours = seconds / 3600;
        return hours < 48 ? hours.toPrecision(2) + ' h' : Math.round(hours / 24) + ' d';
      }
      const ends = {closed: 'ended: the writer closed the file', sigma: 'ended: the wanted error is reached', time: 'ended: the time is over', patience: 'ended: nothing more arrived', interrupted: 'ended: stopped'};
      function say(text, isLost) { el('state').textContent = text; el('state').classList.toggle('lost', isLost); }
      const axes = () => ({z: [2, 1, 0], y: [2, 0, 1], x: [1, 0, 2]})[el('axis').value];

      // What a file says is text and never a part of the page.
      function show(told) {
        live.events += 1;
        if (told.run !== run) { run = told.run; live.renewal = 0; }
        status = told.status || null;
        if (!status) { say(told.waiting ? 'waiting: ' + told.waiting : 'waiting for the first spectra', false); return; }
        say(status.end ? (status.end_text ? 'ended: ' + status.end_text : ends[status.end]) : told.waiting ? 'waiting: ' + told.waiting : 'live', false);
        const files = status.files || [];
        el('files').textContent = files.length > 3 ? files.length + ' files, the last ' + files[files.length - 1] : files.join(', ');
        el('mean').textContent = status.mean_x === undefined ? '' : 'mean x = ' + measured(status.mean_x, status.mean_x_sigma);
        el('mapped').textContent = status.mapped + ' of ' + status.voxels;
        el('sigmas').textContent = status.median_sigma_x === undefined ? 'none' : status.median_sigma_x.toPrecision(2) + ' and ' + status.worst_sigma_x.toPrecision(2);
        el('counts').textContent = Number(status.counts.toPrecision(4)).toLocaleString('en').replaceAll(',', '\u2009');
        el('rate').textContent = status.counts_per_s === undefined ? 'not known yet' : measured(status.counts_per_s, status.counts_per_s_sigma);
        el('misfit').textContent = (status.misfit || 'not tested').replaceAll('_', ' ') + (status.chi_squared_per_dof === undefined ? '' : ', \u03c7\u00b2/dof ' + status.chi_squared_per_dof.toFixed(2));
        el('misfit').className = status.misfit === 'not_described' ? 'bad' : 'good';
        el('drift').textContent = (status.drift || 'one exposure').replaceAll('_', ' ');
        el('drift').className = status.drift === 'drifts' ? 'bad' : 'good';
        el('renewal').textContent = 'number ' + status.renewal + ', ' + status.renewal_s.toPrecision(2) + ' s, ' + status.fitted + ' voxels fitted';
        const notices = [status.misfit_notice, status.drift_notice, status.rate_notice, ...(status.notices || [])].filter(Boolean);
        el('notices').hidden = notices.length === 0;
        el('notices').replaceChildren(...notices.map(text => { const item = document.createElement('li'); item.textContent = text; return item; }));
        refresh();
      }

      async function get(path, more) {
        const answer = await fetch(address(path, more));
        if (!answer.ok) throw new Error(await answer.text());
        return answer.json();
      }

      // One picture at a time; what changed meanwhile is drawn after it.
      async function refresh() {
        if (!status) return;
        if (busy) { again = true; return; }
        busy = true;
        try {
          const side = status.shape[axes()[2]];
          el('index').max = side - 1;
          const index = Math.min(Number(el('index').value), side - 1);
          const [across, down] = axes(), cut = el('axis').value;
          el('place').textContent = cut + ' ' + (index + 1) + '/' + side;
          el('where').textContent = 'zyx'[across] + '\u00a0\u2192, ' + 'zyx'[down] + '\u00a0\u2193; slice ' + (index + 1) + ' of ' + side + ' across ' + cut;
          for (const stage of stages) {
            const slice = await get('slice', {name: stage.name, axis: el('axis').value, index: index});
            stage.values = new Float32Array(bytes(slice.data).buffer);
            stage.width = slice.width; stage.height = slice.height;
            paint(stage);
            live.renewal = slice.renewal;
          }
          await times();
          if (cursor) await spectrum();
        } catch (error) { /* The next event draws it. */ }
        busy = false;
        if (again) { again = false; refresh(); }
      }

      function paint(stage) {
        const canvas = stage.canvas;
        canvas.width = stage.width; canvas.height = stage.height;
        const [across, down] = axes(), size = status.voxel_size_um || [1, 1, 1];
        stage.aspect = (stage.height * size[down]) / (stage.width * size[across]);
        canvas.style.aspectRatio = String(1 / stage.aspect);
        let low = Infinity, high = -Infinity;
        for (const value of stage.values) if (!Number.isNaN(value)) { low = Math.min(low, value); high = Math.max(high, value); }
        const isBlank = !(low <= high);
        if (high === low) high = low + Math.max(1e-6, Math.abs(low) * 1e-3);
        if (!isBlank) [low, high] = roundEnds(low, high);
        const table = colors[stage.name], context = canvas.getContext('2d'), image = context.createImageData(stage.width, stage.height);
        stage.values.forEach((value, i) => {
          if (Number.isNaN(value)) return;
          const k = 3 * Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * 255);
          image.data.set([table[k], table[k + 1], table[k + 2], 255], 4 * i);
        });
        context.putImageData(image, 0, 0);
        const bar = stage.bar.getContext('2d'), column = bar.createImageData(1, 256);
        for (let y = 0; y < 256; y++) { const k = 3 * (255 - y); column.data.set([table[k], table[k + 1], table[k + 2], 255], 4 * y); }
        bar.putImageData(column, 0, 0);
        if (isBlank) stage.ticks.replaceChildren();
        else placeTicks(stage.ticks, stage.bar.clientHeight || 200, low, high, low, high);
        layOut();
        // The height decides how many numbers stand beside the bar.
        if (!isBlank) placeTicks(stage.ticks, stage.bar.clientHeight || 200, low, high, low, high);
        outline();
      }

      // Both pictures are as large as half of the window's height and their share of its width let them be; what would shrink to a line is scrolled.
      function layOut() {
        el('stages').classList.toggle('flat', el('stages').clientWidth < 544);
        for (const stage of stages) {
          if (!stage.width) continue;
          const box = stage.canvas.closest('.stage'), gap = parseFloat(getComputedStyle(box).columnGap);
          const room = box.clientWidth - stage.bar.parentElement.offsetWidth - Math.ceil(stage.ticks.getBoundingClientRect().width) - 2 * gap - 2;
          let wide = Math.min(room, 0.45 * innerHeight / stage.aspect);
          if (wide * stage.aspect < 64) wide = 64 / stage.aspect;
          box.style.setProperty('--shown', Math.max(64, wide) + 'px');
          stage.canvas.parentElement.style.maxWidth = Math.max(64, room) + 'px';
          stage.canvas.parentElement.style.maxHeight = Math.max(0.45 * innerHeight, 64) + 20 + 'px';
        }
      }

      function outline() {
        for (const stage of stages) {
          const fit = (node, place) => {
            node.hidden = !place;
            if (!place || !stage.width) return;
            const box = stage.canvas.getBoundingClientRect(), w = box.width / stage.width, h = box.height / stage.height;
            Object.assign(node.style, {left: place[0] * w + 'px', top: place[1] * h + 'px', width: (place[2] - place[0]) * w + 'px', height: (place[3] - place[1]) * h + 'px'});
          };
          fit(stage.mark, cursor && [cursor.u, cursor.v, cursor.u + 1, cursor.v + 1]);
          fit(stage.box, region && region.axis === el('axis').value && region.box);
        }
      }

      function voxel() {
        const point = [0, 0, 0], [across, down, cut] = axes();
        point[across] = cursor.u; point[down] = cursor.v; point[cut] = Number(el('index').value);
        return point;
      }

      async function spectrum() {
        const [z, y, x] = voxel();
        const found = await get('spectrum', {z: z, y: y, x: x});
        el('readout').textContent = 'z, y, x = ' + [z, y, x].join(', ') + ': x = ' + (found.x === undefined || found.x === null ? 'no value (mask ' + found.mask + ')' : measured(found.x, found.sigma));
        const canvas = el('spectrum'), context = canvas.getContext('2d'), style = getComputedStyle(document.body);
        canvas.width = canvas.clientWidth || 900; canvas.height = canvas.clientHeight || 256;
        const pad = 60, energy = found.energy_keV, top = Math.max(1, ...found.counts.map(c => c || 0), ...(found.model || []));
        const left = e => pad + (e - energy[0]) / (energy[energy.length - 1] - energy[0]) * (canvas.width - pad - 8);
        const up = c => canvas.height - 24 - c / top * (canvas.height - 34);
        context.clearRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = context.strokeStyle = style.color; context.font = '12px sans-serif'; context.textAlign = 'center';
        for (let i = 0; i <= 4; i++) { const e = energy[0] + i / 4 * (energy[energy.length - 1] - energy[0]); context.fillText(e.toFixed(1) + (i === 4 ? ' keV' : ''), Math.min(canvas.width - 28, Math.max(20, left(e))), canvas.height - 6); }
        context.textAlign = 'right';
        for (const c of [0, top / 2, top]) context.fillText(String(Number(c.toPrecision(3))), pad - 6, up(c) + 4);
        found.counts.forEach((c, i) => { if (c !== null) context.fillRect(left(energy[i]) - 1, up(c) - 1, 2, 2); });
        if (found.model) {
          context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--accent'); context.lineWidth = 1.5; context.beginPath();
          found.model.forEach((c, i) => i ? context.lineTo(left(energy[i]), up(c)) : context.moveTo(left(energy[i]), up(c)));
          context.stroke();
        }
        el('about').textContent = 'Points: counts' + (found.live_time_s ? ' in ' + number(found.live_time_s) + ' s' : '') + '.' + (found.model ? ' Line: what the calibration expects at the x of the voxel.' : '');
      }

      async function times() {
        wanted = Number(el('wanted').value);
        if (!(wanted > 0)) return;
        const targets = [['all', 'all'], ['worst', 'worst']];
        if (region) targets.push(['region', region.text]);
        for (const [name, of] of targets) {
          const left = await get('time-left', {sigma: wanted, of: of});
          if (!left) continue;
          el('now-' + name).textContent = left.sigma === undefined ? 'none' : left.sigma.toPrecision(2);
          el('left-' + name).textContent = left.reason ? left.reason : left.seconds === 0 ? 'reached' : time(left.seconds);
        }
      }

      // Pointer and keys move the cursor; dragging chooses a region in the slice, which holds for all slices.
      let from = null;
      const at = (stage, event) => {
        const box = stage.canvas.getBoundingClientRect();
        return {u: Math.min(stage.width - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * stage.width))), v: Math.min(stage.height - 1, Math.max(0, Math.floor((event.clientY - box.top) / box.height * stage.height)))};
      };
      let pending = false;
      function look() {
        outline();
        if (pending) return;
        pending = true;
        setTimeout(() => { pending = false; if (cursor && status) spectrum().catch(() => {}); }, 60);
      }
      function choose(a, b) {
        const [across, down, cut] = axes(), ranges = ['', '', ''];
        const box = [Math.min(a.u, b.u), Math.min(a.v, b.v), Math.max(a.u, b.u) + 1, Math.max(a.v, b.v) + 1];
        ranges[across] = box[0] + ':' + box[2]; ranges[down] = box[1] + ':' + box[3]; ranges[cut] = '0:' + status.shape[cut];
        region = {axis: el('axis').value, box: box, text: ranges.join(',')};
        el('name-region').textContent = 'the region z, y, x = ' + region.text + ' (median)';
        outline();
        times().catch(() => {});
      }
      for (const stage of stages) {
        stage.canvas.addEventListener('pointerdown', event => { if (status && stage.width) { from = at(stage, event); stage.canvas.setPointerCapture(event.pointerId); } });
        stage.canvas.addEventListener('pointermove', event => { if (status && stage.width) { cursor = at(stage, event); look(); } });
        stage.canvas.addEventListener('pointerup', event => { if (!from || !stage.width) return; const to = at(stage, event); if (to.u !== from.u || to.v !== from.v) choose(from, to); from = null; });
        stage.canvas.addEventListener('keydown', event => {
          const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
          if (!step || !stage.width) return;
          event.preventDefault();
          cursor = cursor ? {u: Math.min(stage.width - 1, Math.max(0, cursor.u + step[0])), v: Math.min(stage.height - 1, Math.max(0, cursor.v + step[1]))} : {u: 0, v: 0};
          look();
        });
      }
      el('axis').addEventListener('change', () => { cursor = null; if (status) el('index').value = Math.floor(status.shape[axes()[2]] / 2); refresh(); });
      el('index').addEventListener('input', refresh);
      el('wanted').addEventListener('input', () => { if (status) times().catch(() => {}); });
      addEventListener('resize', () => { layOut(); outline(); });

      // The browser comes back by itself after a break; where it has given up, a new connection is made.
      let source = null;
      function connect() {
        source = new EventSource(address('events'));
        source.addEventListener('open', () => { live.connections += 1; });
        source.addEventListener('status', event => show(JSON.parse(event.data)));
        source.addEventListener('error', () => {
          // What has ended says no more; another watch may take its place.
          if (status && status.end) { source.close(); setTimeout(connect, 2000); return; }
          say('the watch does not answer; trying again' + (status ? ', this is the map as it was last' : ''), true);
          if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(connect, 1000); }
        });
      }
      connect();
    })();

    """#
}
