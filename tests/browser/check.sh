#!/usr/bin/env bash
# Opens reports in a real browser, from disk and without a network, and fails on anything a planner would stumble over:
# a console error, a request for anything outside the file, a chart that is not there.
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
open_page() {
    timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$work/profile" --no-first-run --disable-background-networking --disable-component-update \
        --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --v=0 \
        --log-net-log="$work/net.json" --window-size=1600,900 --virtual-time-budget=3000 --dump-dom "file://$1" \
        >"$work/dom.html" 2>"$work/log.txt"
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
    echo "browser check: $page: $charts drawings, console silent, nothing asked of a network"
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
