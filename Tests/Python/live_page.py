"""Looks at the page of a watch in a real browser: live_page.py CHROMIUM PROGRAM CALIBRATION SOURCE FOLDER

Starts a writer, a watch and a browser, ends the watch in the middle and starts it again, and prints what was seen as JSON. The browser is driven through
its debugging pipe, so that nothing but the standard library is needed.
"""

import json
import os
import select
import socket
import subprocess
import sys
import time
import urllib.request

CHROMIUM, PROGRAM, CALIBRATION, SOURCE, FOLDER = sys.argv[1:6]
HERE = os.path.dirname(os.path.abspath(__file__))


class Browser:
    def __init__(self, profile):
        down, up = os.pipe(), os.pipe()

        def wire():
            # The ends may have the numbers that they are to get.
            read, write = os.dup(down[0]), os.dup(up[1])
            os.dup2(read, 3)
            os.dup2(write, 4)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        self.process = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--user-data-dir=" + profile, "--window-size=1280,1000", "about:blank"],
            close_fds=False, preexec_fn=wire, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down[0])
        os.close(up[1])
        self.out, self.inn = down[1], up[0]
        self.number, self.buffer, self.session = 0, b"", None
        self.answers, self.errors = {}, []

    def pump(self, seconds):
        ready, _, _ = select.select([self.inn], [], [], seconds)
        if not ready:
            return
        data = os.read(self.inn, 1 << 20)
        if not data:
            raise RuntimeError("the browser has gone")
        self.buffer += data
        while b"\0" in self.buffer:
            text, self.buffer = self.buffer.split(b"\0", 1)
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            elif message["method"] == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(message["params"]["exceptionDetails"])[:400])
            elif message["method"] == "Runtime.consoleAPICalled" and message["params"]["type"] in ("error", "warning", "assert"):
                self.errors.append(json.dumps(message["params"]["args"])[:400])
            elif message["method"] == "Log.entryAdded":
                entry = message["params"]["entry"]
                self.errors.append(f"{entry['source']} {entry['level']}: {entry['text']}")

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.time() + 30
        while self.number not in self.answers and time.time() < end:
            self.pump(0.2)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.call(domain + ".enable")
        self.call("Page.navigate", url=url)

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression, seconds=40):
        end = time.time() + seconds
        while time.time() < end:
            found = self.value(expression)
            if found:
                return found
            self.pump(0.1)
        raise RuntimeError(f"never true: {expression}; the page shows {self.value('document.body.innerText')!r}")


LAYOUT = """(() => {
  const faults = [], box = e => e.getBoundingClientRect();
  for (const end of ['', '-sigma']) {
    const picture = box(document.getElementById('slice' + end)), bar = box(document.getElementById('bar' + end));
    if (Math.abs(picture.height - bar.height) > 3 || Math.abs(picture.top - bar.top) > 3) faults.push('bar' + end + ' ' + bar.top + '+' + bar.height + ' beside ' + picture.top + '+' + picture.height);
    const ticks = [...document.querySelectorAll('#ticks' + end + ' span:not(.sizer)')].map(box);
    if (ticks.length < 2) faults.push('ticks' + end + ': ' + ticks.length);
    ticks.forEach((a, i) => {
      if (a.top < bar.top - 3 || a.bottom > bar.bottom + 3 || a.left < bar.right) faults.push('a number lies off bar' + end);
      if (ticks.slice(i + 1).some(b => a.top < b.bottom - 1 && b.top < a.bottom - 1)) faults.push('numbers beside bar' + end + ' lie on each other');
    });
    if (innerHeight < innerWidth && box(document.getElementById('readout')).bottom - picture.top > innerHeight) faults.push('picture and value do not fit the window');
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push('the page is wider than its window');
  return faults;
})()"""


def watch(port, log):
    return subprocess.Popen(
        [PROGRAM, "watch", NAME, "-c", CALIBRATION, "-o", os.path.join(FOLDER, "live"), "--serve", "--address", str(port),
         "--overwrite", "--patience", "120s", "--settle", "3s", "-v"],
        stdout=log, stderr=log, cwd=FOLDER)


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
# A name that would be a part of the page if it were not shown as text.
NAME = os.path.join(FOLDER, "<img src=x onerror=document.title='broken'>.nxs")
seen = {}
log = open(os.path.join(FOLDER, "live.log"), "w")
writer = subprocess.Popen(
    [sys.executable, os.path.join(HERE, "spectra_writer.py"), "swmr", SOURCE, NAME, "4", "4"], stdout=subprocess.DEVNULL)
running = watch(PORT, log)
browser = Browser(os.path.join(FOLDER, "profile"))
try:
    url = f"http://127.0.0.1:{PORT}/"
    end = time.time() + 20
    while time.time() < end:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            break
        except OSError:
            time.sleep(0.1)
    browser.open(url)
    browser.wait("window.live && live.renewal > 0 && document.getElementById('slice').width > 1")
    mapped = "Number(document.getElementById('mapped').textContent.split(' ')[0])"
    seen["first"] = browser.value(mapped)
    browser.wait(f"{mapped} > {seen['first']}")
    seen["later"] = browser.value(mapped)
    seen["files"] = browser.value("document.getElementById('files').textContent")
    seen["images"] = browser.value("document.querySelectorAll('img').length")
    # The spectrum of a voxel by the keyboard, and a region by dragging.
    browser.value("(() => { const c = document.getElementById('slice'); c.focus(); for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) c.dispatchEvent(new KeyboardEvent('keydown', {key: key})); return 1; })()")
    seen["readout"] = browser.wait("/x = /.test(document.getElementById('readout').textContent) && document.getElementById('readout').textContent")
    browser.value("(() => { const c = document.getElementById('slice'), b = c.getBoundingClientRect(); const at = (name, u, v) => c.dispatchEvent(new PointerEvent(name, {clientX: b.left + u * b.width, clientY: b.top + v * b.height, pointerId: 1})); try { at('pointerdown', 0.1, 0.1); } catch (e) {} at('pointermove', 0.6, 0.6); at('pointerup', 0.6, 0.6); return 1; })()")
    seen["region"] = browser.wait("/region z/.test(document.getElementById('name-region').textContent) && document.getElementById('left-region').textContent !== '' && document.getElementById('name-region').textContent")
    seen["left"] = browser.value("['all', 'worst', 'region'].map(n => document.getElementById('now-' + n).textContent + ' ' + document.getElementById('left-' + n).textContent)")
    # Bars as high as their pictures, numbers beside them that do not touch, and the value inside the window, at four widths.
    seen["layout"] = []
    for width, height in ((400, 800), (768, 1024), (1280, 800), (1920, 1080)):
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        time.sleep(0.5)
        for fault in browser.value(LAYOUT):
            seen["layout"].append(f"{width} x {height}: {fault}")
    browser.call("Emulation.clearDeviceMetricsOverride")
    seen["errors_before"] = list(browser.errors)
    with open(os.path.join(FOLDER, "page.png"), "wb") as out:
        import base64

        out.write(base64.b64decode(browser.call("Page.captureScreenshot")["data"]))
    # The watch goes and comes back at the same place; the page, too, is loaded anew.
    run = browser.value("live.connections")
    running.kill()
    running.wait()
    browser.wait("document.getElementById('state').classList.contains('lost')")
    running = watch(PORT, log)
    browser.wait(f"live.connections > {run} && !document.getElementById('state').classList.contains('lost') && live.renewal > 0")
    seen["after_restart"] = browser.value(mapped)
    outage = len(browser.errors)
    browser.call("Page.reload")
    browser.wait("window.live && live.renewal > 0")
    browser.wait("/^ended/.test(document.getElementById('state').textContent)", 60)
    seen["state"] = browser.value("document.getElementById('state').textContent")
    seen["last"] = browser.value(mapped)
    seen["title"] = browser.value("document.title")
    # After the end the watch is gone: only the connection that is refused may be told.
    seen["errors_after"] = [e for e in browser.errors[outage:] if not e.startswith("network ")]
    seen["writer"] = writer.wait(60)
    seen["watch"] = running.wait(60)
finally:
    for process in (browser.process, running, writer):
        if process.poll() is None:
            process.kill()
print(json.dumps(seen))
