/// The fixed parts of a report page.
package enum ReportPage {
  package static let style = """

    :root { --ground: #ffffff; --ink: #1c1f24; --soft: #5b6470; --line: #d5dae1; --edge: #76808c; --card: #f6f7f9; --accent: #0069a3; --warn: #fff4e0; --warnline: #b35900; color-scheme: light; }
    @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { --ground: #14171b; --ink: #e8eaed; --soft: #a3acb8; --line: #363c45; --edge: #7d8794; --card: #1d2127; --accent: #6cb8e6; --warn: #2c2312; --warnline: #e69f00; color-scheme: dark; } }
    :root[data-theme=dark] { --ground: #14171b; --ink: #e8eaed; --soft: #a3acb8; --line: #363c45; --edge: #7d8794; --card: #1d2127; --accent: #6cb8e6; --warn: #2c2312; --warnline: #e69f00; color-scheme: dark; }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
    header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; justify-content: space-between; }
    h1 { font-size: 1.6rem; overflow-wrap: anywhere; margin: 1rem 0 .5rem; }
    h2 { font-size: 1.2rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; margin: 2rem 0 .8rem; }
    section:first-child h2 { margin-top: 1rem; }
    section:first-child + section h2 { margin-top: 1rem; }
    p { max-width: 60rem; }
    sub, sup { line-height: 0; font-size: .75em; }
    nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; }
    a { color: var(--accent); }
    .lead { font-size: 1.25rem; line-height: 1.4; margin: .6rem 0; max-width: none; }
    .quiet { color: var(--soft); }
    .warnings { margin: .8rem 0; padding: .6rem 1rem .6rem 2rem; max-width: 60rem; background: var(--warn); border-left: 4px solid var(--warnline); border-radius: 4px; }
    .beside { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 1.5rem; }
    .beside figure, figure { max-width: 100%; }
    button, select, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 6px; padding: .25rem .5rem; max-width: 100%; }
    input[type=range] { padding: 0; flex: 1; min-width: 6rem; accent-color: var(--accent); }
    input[type=number] { width: 7.5rem; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .scroll { overflow-x: auto; max-width: 100%; margin: .6rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
    th.long, td.long { white-space: normal; min-width: 18rem; max-width: 40rem; overflow-wrap: normal; word-break: keep-all; }
    th { color: var(--soft); font-weight: 600; }
    .word { white-space: nowrap; }
    h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
    .file { font-size: .8rem; }
    figure { margin: 1rem 0; }
    figure img { width: 100%; height: auto; background: #ffffff; border-radius: 4px; display: block; }
    figure .scroll { margin: 0; }
    figcaption { color: var(--soft); font-size: .9rem; overflow-wrap: break-word; margin-top: .3rem; max-width: 60rem; }
    pre { overflow-x: auto; background: var(--card); padding: .75rem; border-radius: 6px; font-size: .85rem; }
    summary { cursor: pointer; overflow-wrap: anywhere; }
    .controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .5rem 1rem; margin: .6rem 0; }
    .controls label { display: flex; gap: .5rem; align-items: center; min-width: 0; }
    .ends { display: flex; gap: .5rem; min-width: 0; }
    .ends input { width: 5.5rem; min-width: 0; flex: 1; }
    .controls span { white-space: nowrap; color: var(--soft); min-width: 4rem; }
    .controls .ends span { min-width: 2rem; }
    .controls select { flex: 1; min-width: 0; }
    .stages { display: flex; gap: 1rem; align-items: flex-start; max-width: 100%; }
    .stages.flat { flex-direction: column; }
    .stage { display: grid; grid-template: auto auto / auto 18px auto; column-gap: .4rem; row-gap: .2rem; min-width: 0; }
    .stage[hidden], .mark[hidden] { display: none; }
    .name { grid-column: 1 / -1; font-size: .9rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; contain: inline-size; }
    #slice, #slice-sigma { border: 1px solid var(--edge); image-rendering: pixelated; touch-action: pan-x pan-y; cursor: crosshair; display: block; background: repeating-linear-gradient(-45deg, #d9d9d9 0 5px, #9a9a9a 5px 7px); }
    #slice:focus-visible, #slice-sigma:focus-visible { outline-offset: -2px; outline-width: 3px; }
    .viewer { --shown: var(--screen, 20rem); --paper: 140mm; }
    .viewer.pair { --paper: 62mm; }
    #slice, #slice-sigma { width: var(--shown); }
    .picture { min-width: 0; position: relative; overflow: auto; }
    .mark { position: absolute; border: 2px solid #000000; outline: 2px solid #ffffff; outline-offset: -4px; pointer-events: none; }
    .bar { position: relative; min-height: 0; }
    .bar canvas { position: absolute; inset: 0; width: 100%; height: 100%; border: 1px solid var(--edge); }
    .ticks { display: flex; flex-direction: column; justify-content: space-between; font-size: .85rem; line-height: 1; font-variant-numeric: tabular-nums; min-width: 3rem; max-width: 8rem; }
    .ticks.classes { justify-content: space-around; }
    .ticks:not(.classes) { position: relative; }
    .ticks:not(.classes) span { position: absolute; left: 0; white-space: nowrap; }
    .ticks:not(.classes) .sizer { position: static; height: 0; visibility: hidden; }
    #readout { font-variant-numeric: tabular-nums; min-height: 3em; color: var(--ink); margin: .3rem 0; max-width: none; }
    @media (min-width: 64rem) { #readout { min-height: 1.5em; } }
    .scalebar { display: flex; align-items: center; gap: .5rem; font-size: .9rem; margin: .35rem 0; }
    #rule { background: var(--ink); height: 4px; flex: none; }
    #where { color: var(--soft); margin-left: .8rem; }
    @media screen and (max-width: 36rem) { .fitted img { min-width: 0 !important; width: 100%; } }
    @media (max-width: 36rem) { .name { white-space: normal; } .ticks { font-size: .7rem; min-width: 2.2rem; } .stage { column-gap: .2rem; grid-template-columns: auto 12px auto; } .scalebar { flex-wrap: wrap; } #where { margin-left: 0; flex-basis: 100%; } }
    footer { color: var(--soft); font-size: .85rem; margin-top: 3rem; }
    @media print {
      :root, :root[data-theme=dark], :root:not([data-theme=light]) { --ground: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --edge: #777777; --card: #ffffff; --accent: #000000; --warn: #ffffff; --warnline: #000000; color-scheme: light; }
      body { max-width: none; font-size: 10pt; padding: 0; }
      .controls, #theme, nav, #readout, .mark, details.raw pre { display: none; }
      details::details-content { content-visibility: visible; block-size: auto; }
      summary { list-style: none; font-weight: 600; break-after: avoid; }
      details.raw summary { font-weight: normal; break-after: auto; }
      details.raw summary::after { content: " (a file of the folder, not printed)"; color: var(--soft); }
      .viewer { --shown: min(var(--screen, 20rem), var(--paper)); }
      canvas, .picture, .bar, .warnings, #rule { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      .picture { overflow: visible; max-width: none !important; max-height: none !important; }
      figure img { min-width: 0 !important; max-height: 135mm; object-fit: contain; object-position: left top; }
      .scroll { overflow: visible; }
      table { font-size: 8pt; }
      th, td { white-space: normal; padding: .1rem .5rem .1rem 0; overflow-wrap: break-word; }
      th.long, td.long { min-width: 0; overflow-wrap: anywhere; }
      .word { white-space: normal; }
      h2, h3 { break-after: avoid; }
      p:has(+ .scroll) { break-after: avoid; }
      .beside { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; }
      .beside > .wide, .beside > :only-child { grid-column: 1 / -1; }
      figure { width: auto !important; margin: .5rem 0; }
      figcaption { font-size: 8pt; }
      figure, table, tr, .viewer, .warnings, .lead { break-inside: avoid; }
      table.tall { break-inside: auto; }
      thead { display: table-header-group; }
    }

    """

  package static let themeScript = """

    document.getElementById('theme').addEventListener('click', () => {
      const root = document.documentElement;
      const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = isDark ? 'light' : 'dark';
    });
    // What is folded away on the screen stands on paper.
    let opened = [];
    addEventListener('beforeprint', () => {
      opened = [...document.querySelectorAll('details:not([open], .raw)')];
      for (const one of opened) one.open = true;
    });
    addEventListener('afterprint', () => { for (const one of opened) one.open = false; });

    """

  static let viewerMarkup = """
    <div class="viewer">
    <div class="controls">
    <label><span>volume</span><select id="volume"></select></label>
    <label><span>axis</span><select id="axis"><option>z</option><option>y</option><option>x</option></select></label>
    <label><span id="place">slice</span><input id="index" type="range" min="1" value="1" aria-label="Slice"></label>
    <label><input id="beside" type="checkbox" checked><span>error beside</span></label>
    </div>
    <div class="stages" id="stages">
    <div class="stage" id="stage"><div class="name" id="name"></div><div class="picture"><canvas id="slice" tabindex="0" aria-label="slice" role="application" aria-roledescription="slice" aria-describedby="readout"></canvas><div class="mark" id="mark" hidden></div></div>
    <div class="bar"><canvas id="bar" width="1" height="256" aria-hidden="true"></canvas></div><div class="ticks" id="ticks"></div></div>
    <div class="stage" id="stage-sigma" hidden><div class="name" id="name-sigma"></div><div class="picture"><canvas id="slice-sigma" tabindex="0" aria-label="standard error" role="application" aria-roledescription="slice" aria-describedby="readout"></canvas><div class="mark" id="mark-sigma" hidden></div></div>
    <div class="bar"><canvas id="bar-sigma" width="1" height="256" aria-hidden="true"></canvas></div><div class="ticks" id="ticks-sigma"></div></div>
    </div>
    <div class="scalebar"><div id="rule"></div><span id="length"></span><span id="where"></span></div>
    <p id="readout" aria-live="polite">Move the pointer over a picture, or use the arrow keys, to read values; Page Up and Page Down change the slice. Hatched: no value.</p>
    <p id="note"></p>
    <div class="controls">
    <label><span>over</span><select id="under"></select></label>
    <label><span>blend</span><input id="blend" type="range" min="0" max="100" value="60" aria-label="Opacity over the volume below"></label>
    <label><span>colours</span><select id="map"></select></label>
    <div class="ends"><label><span>from</span><input id="low" type="number" step="any"></label>
    <label><span>to</span><input id="high" type="number" step="any"></label></div>
    </div>
    </div>

    """
}
