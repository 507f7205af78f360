"""Fails on a picture that is all of one colour, or all but: a page on which nothing was drawn. Needs nothing but pillow."""

import sys

from PIL import Image

for name in sys.argv[1:]:
    grey = Image.open(name).convert("L")
    dark = sum(grey.histogram()[:200]) / (grey.width * grey.height)
    assert dark > 0.001, f"{name}: blank"
