#!/usr/bin/env bash
# Opens reports in a real browser, from disk and without a network, and fails on anything a planner would stumble over:
# a console error, a request for anything outside the file, a chart that is not there, a screen that scrolls sideways, a
# replay that does not play or scrub.
#
#   tests/browser/check.sh REPORT.html [CHARTS]...     CHARTS is the least number of charts, 1 if left out
#
# No host name resolves in here; what the page asked for all the same stands in the browser's network log, where the
# requests of a page carry an initiator and the browser's own do not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

browser=""
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then browser=$name; break; fi
done
if [[ -z $browser ]]; then
    echo "browser check: no chromium found; install chromium or google-chrome" >&2
    exit 3
fi

# Puts what the page became into dom.html, what its console said into console.txt and what it asked for into asked.txt.
# A browser that dies or hangs says nothing of the page: it is asked again, each time with a profile of its own, since one
# that is still being put down would hold it. Profiles and sockets lie in /tmp: the path of a socket must be short.
open_page() {
    local try code profile
    for try in 1 2 3; do
        profile=$(mktemp -d /tmp/browser.XXXXXX)
        code=0
        TMPDIR=/tmp timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
            --user-data-dir="$profile" --no-first-run --disable-background-networking --disable-component-update \
            --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --v=0 \
            --log-net-log="$work/net.json" --window-size=1600,900 --virtual-time-budget="${2:-3000}" --dump-dom "file://$1" \
            >"$work/dom.html" 2>"$work/log.txt" || code=$?
        rm -rf "$profile" || true
        if ((code == 0)) && [[ -s $work/dom.html && -s $work/net.json ]]; then break; fi
        echo "browser check: try $try: the browser ended with $code on $1" >&2
        if ((try == 3)); then
            tail -n 8 "$work/log.txt" | cut -c 1-300 >&2
            exit 1
        fi
        sleep 5
    done
    grep 'CONSOLE' "$work/log.txt" >"$work/console.txt" || true
    grep '"initiator":"' "$work/net.json" | grep -v '"initiator":"not an origin"' \
        | grep -oE '"url":"(https?|wss?|ftp):[^"]*"' | sort -u >"$work/asked.txt" || true
}

# First a page with both faults: a check that cannot fail proves nothing.
printf '<!doctype html><title>fault</title><img src="https://example.invalid/a.png"><script>console.error("seeded")</script>' \
    >"$work/fault.html"
open_page "$work/fault.html"
if ! grep -q 'seeded' "$work/console.txt" || ! grep -q 'example.invalid' "$work/asked.txt"; then
    echo "browser check: the browser does not report the seeded faults; its log:" >&2
    tail -n 20 "$work/log.txt" >&2
    exit 1
fi

# A copy of a page that tries itself out - in a frame as wide as a telephone, or as a desk - and tells what it found.
try_out() {
    local page=$1 width=$2
    {
        sed 's#</body>##; s#</html>##' "$page"
        cat <<'PROBE'
<script>
addEventListener("load", async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const found = [], root = document.documentElement, replay = window.__replay;
  const hold = (name, fine) => found.push((fine ? "ok " : "NOT ") + name);
  await wait(200);
  hold("no sideways scrolling, " + (root.scrollWidth - root.clientWidth) + " px", root.scrollWidth <= root.clientWidth);
  const toggle = document.querySelector(".theme");
  if (toggle) {
    const ground = () => getComputedStyle(document.body).backgroundColor, before = ground();
    toggle.click();
    hold("the other theme has another ground", ground() !== before);
    toggle.click();
    hold("and back", ground() === before);
  }
  const sort = document.querySelector("th button");
  if (sort) {
    sort.click();
    hold("a table sorts", sort.closest("th").getAttribute("aria-sort") === "ascending");
  }
  if (document.querySelector(".player")) {
    const player = document.querySelector(".player"), seek = document.querySelector(".seek");
    const key = (key, target) => (target || player).dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    hold("the replay is there", !player.hidden && !!replay);
    replay.pause();
    replay.seek(1000);
    hold("it goes where it is sent", replay.t() === 1000);
    seek.value = 3000;
    seek.dispatchEvent(new Event("input"));
    hold("the slider scrubs", Math.abs(replay.t() - 3000) < 1 && player.dataset.t === "3000.0");
    key("ArrowRight");
    hold("an arrow steps by a minute", replay.t() === 3060);
    key(" ");
    for (let i = 0; i < 120 && replay.t() <= 3060; i++) await wait(250);
    hold("space plays: " + (replay.t() - 3060).toFixed(0) + " s went by", replay.t() > 3060 && replay.playing());
    key(" ");
    const at = replay.t();
    await wait(200);
    hold("space pauses", replay.t() === at && !replay.playing());
    key("End");
    hold("End is the end", replay.t() === replay.span);
    replay.seek(replay.span / 2);
    const places = replay.places();
    if (places.length) {
      replay.point(places[1], places[2]);
      hold("what is pointed at tells its story", replay.story().length > 10);
    }
    found.push("told a frame takes " + replay.ms().toFixed(1) + " ms");
    location.hash = "#t=1200";
    await wait(100);
    hold("an address leads to a moment", replay.t() === 1200);
  }
  parent.postMessage(found.join("|"), "*");
});
</script></body></html>
PROBE
    } >"$work/tried.html"
    cat >"$work/frame.html" <<FRAME
<!doctype html><title>frame</title><body><iframe src="tried.html" style="border:0;width:${width}px;height:900px"></iframe>
<pre id="found"></pre><script>addEventListener("message", (event) => { document.getElementById("found").textContent = "<<" + event.data + ">>"; });</script>
FRAME
    # On a busy machine the time that was given may be over before the page has tried everything: then once more.
    for _ in 1 2 3; do
        open_page "$work/frame.html" 60000
        grep -oE '&lt;&lt;.*&gt;&gt;' "$work/dom.html" | sed 's/&lt;&lt;//; s/&gt;&gt;//' | tr '|' '\n' >"$work/found.txt" || true
        if [[ -s $work/found.txt ]]; then break; fi
    done
    if [[ ! -s $work/found.txt ]] || grep -q '^NOT' "$work/found.txt" || [[ -s $work/console.txt ]]; then
        echo "browser check: $page, tried out $width px wide:" >&2
        grep '^NOT' "$work/found.txt" >&2 || echo "$(wc -l <"$work/found.txt") things told" >&2
        cut -c 1-300 "$work/console.txt" >&2
        return 1
    fi
}

check() {
    local page=$1 least=$2 charts
    page=$(cd "$(dirname "$page")" && pwd)/$(basename "$page")
    open_page "$page"
    if [[ -s $work/console.txt ]]; then
        echo "browser check: $page: the console says" >&2
        cat "$work/console.txt" >&2
        return 1
    fi
    if [[ -s $work/asked.txt ]]; then
        echo "browser check: $page: asks a network for" >&2
        cat "$work/asked.txt" >&2
        return 1
    fi
    if grep -qE ' src="(https?:)?//|<link[^>]* href="(https?:)?//|url\((https?:)?//|@import' "$work/dom.html"; then
        echo "browser check: $page: names something on a network" >&2
        return 1
    fi
    charts=$(grep -o '<svg' "$work/dom.html" | wc -l || true)
    if ((charts < least)); then
        echo "browser check: $page: $charts charts, expected at least $least" >&2
        return 1
    fi
    try_out "$page" 390
    try_out "$page" 1500
    echo "browser check: $page: $charts drawings, console silent, nothing asked of a network; $(grep -c '^ok' "$work/found.txt") things tried"
    grep -E 'frame takes|went by' "$work/found.txt" | sed -E 's/^(ok|told) /    /' || true
}

while (($#)); do
    page=$1
    shift
    least=1
    if [[ ${1-} =~ ^[0-9]+$ ]]; then
        least=$1
        shift
    fi
    check "$page" "$least"
done
