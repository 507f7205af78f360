"""Opens a deck and its workbook as their users' programs do, and fails on what they would stumble over."""

import sys

import openpyxl
import pptx
from pptx.util import Emu

deck, book = sys.argv[1:3]
presentation = pptx.Presentation(deck)
width, height = presentation.slide_width, presentation.slide_height
assert (width, height) == (Emu(12192000), Emu(6858000)), "16:9"
names = [layout.name for layout in presentation.slide_layouts]
assert names == ["Cover", "Chart", "Table"], names
for number, slide in enumerate(presentation.slides, 1):
    title = slide.shapes.title
    assert title is not None and title.text.strip(), f"slide {number} has no title"
    ids = [shape.shape_id for shape in slide.shapes]
    assert len(ids) == len(set(ids)), f"slide {number}: two shapes of one id"
    for shape in slide.shapes:
        inside = shape.left >= 0 and shape.top >= 0 and shape.left + shape.width <= width and shape.top + shape.height <= height
        assert inside, f"slide {number}: {shape.name} stands over the edge"
    if slide.slide_layout.name == "Chart":
        pictures = [shape for shape in slide.shapes if shape.shape_type == pptx.enum.shapes.MSO_SHAPE_TYPE.PICTURE]
        assert len(pictures) == 1 and pictures[0].image.content_type == "image/png", f"slide {number}: no picture"
        drawn = pictures[0].width / pictures[0].height
        pixels = pictures[0].image.size[0] / pictures[0].image.size[1]
        assert abs(drawn / pixels - 1) < 0.01, f"slide {number}: the picture is stretched"
# What a user does first: change a title, save, open again.
presentation.slides[0].shapes.title.text = "Ours"
presentation.save(deck + ".saved.pptx")
assert pptx.Presentation(deck + ".saved.pptx").slides[0].shapes.title.text == "Ours"

workbook = openpyxl.load_workbook(book)
for sheet in workbook.worksheets:
    assert sheet.freeze_panes == "A2", f"{sheet.title}: the header is not frozen"
    assert sheet.auto_filter.ref, f"{sheet.title}: no filter"
first = workbook.worksheets[0]
numbers = [cell for row in first.iter_rows(min_row=2) for cell in row if isinstance(cell.value, (int, float))]
assert numbers, f"{first.title}: no number is a number"
assert "Manifest" in workbook.sheetnames
