#!/usr/bin/env bash
# Makes decks with the built program, opens them in python-pptx, openpyxl and LibreOffice, and turns every slide into a
# picture.
#
#   tests/deck/check.sh NEARFAR [PICTURES]     PICTURES: a folder that keeps the pictures, to be looked at
#
# Exit code 77 where LibreOffice or Python with python-pptx and openpyxl is missing: nothing was tested, as stderr says.
set -euo pipefail
nearfar=$(realpath "$1")
pictures=${2:-}
cd "$(dirname "$0")/../.."

missing() {
    echo "!!! DECKS NOT CHECKED: $1 !!!" >&2
    exit 77
}
office=$(command -v soffice || command -v libreoffice) || missing "no LibreOffice (apt-get install libreoffice-impress)"
command -v pdftoppm >/dev/null || missing "no pdftoppm (apt-get install poppler-utils)"
command -v python3 >/dev/null || missing "no python3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=python3
if ! python3 -c 'import pptx, openpyxl' 2>/dev/null; then
    # A folder of its own: nothing is installed for good.
    { python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet python-pptx openpyxl; } >"$work/pip.txt" 2>&1 \
        || missing "no python-pptx and openpyxl, and they cannot be installed: $(tail -n 1 "$work/pip.txt")"
    python=$work/python/bin/python
fi

"$nearfar" run scenarios/baseline.toml --set horizon_h=2 --replications 2 -o "$work/day" --quiet
"$nearfar" compare scenarios/baseline.toml scenarios/whatif-more-couriers.toml --set horizon_h=2 --replications 2 \
    -o "$work/both" --quiet
cat >"$work/fleet.toml" <<EOF
scenarios = ["$PWD/scenarios/baseline.toml"]
metrics = ["on_time_share", "cost_per_order"]
[set]
"horizon_h" = 1
[replications]
min = 2
[[factor]]
key = "couriers.count"
label = "couriers"
values = [120, 170]
EOF
"$nearfar" sweep "$work/fleet.toml" -o "$work/fleet" --quiet

for kind in day both fleet; do
    "$nearfar" deck "$work/$kind" -o "$work/$kind.pptx" --pdf --xlsx --quiet
    "$python" tests/deck/open.py "$work/$kind.pptx" "$work/$kind.xlsx"
    mkdir -p "$work/office"
    timeout 180 "$office" -env:UserInstallation="file://$work/profile" --headless --convert-to pdf --outdir "$work/office" \
        "$work/$kind.pptx" >"$work/office.txt" 2>&1 || { cat "$work/office.txt" >&2; exit 1; }
    for made in "$work/office/$kind.pdf" "$work/$kind.pdf"; do
        slides=$("$python" -c 'import pptx, sys; print(len(pptx.Presentation(sys.argv[1]).slides))' "$work/$kind.pptx")
        pages=$(pdfinfo "$made" | sed -n 's/^Pages: *//p')
        if [[ $pages != "$slides" ]]; then
            echo "deck check: $made has $pages pages, the deck $slides slides" >&2
            exit 1
        fi
    done
    title=$("$python" -c 'import pptx, sys; print(pptx.Presentation(sys.argv[1]).slides[1].shapes.title.text)' "$work/$kind.pptx")
    # Text of the pages can be selected: the first words of the answers stand in both.
    for made in "$work/office/$kind.pdf" "$work/$kind.pdf"; do
        pdftotext -f 2 -l 2 "$made" - | tr -s '\n ' ' ' | grep -qF "${title:0:30}" \
            || { echo "deck check: $made: page 2 does not say \"${title:0:30}\"" >&2; exit 1; }
    done
    pdftoppm -r 60 -png "$work/office/$kind.pdf" "$work/office/$kind"
    pdftoppm -r 60 -png "$work/$kind.pdf" "$work/office/$kind-pdf"
    "$python" tests/deck/blank.py "$work/office/$kind"*.png
    echo "deck check: $kind: $slides slides open in python-pptx and LibreOffice, and none is blank"
done
if [[ -n $pictures ]]; then
    mkdir -p "$pictures"
    cp "$work"/office/*.png "$pictures"
fi
