#!/bin/sh
# Makes the two font files of this folder again from the public npm package, byte for byte.
# Needs npm and python3; works in a scratch folder and leaves nothing else behind.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm pack --silent inter-ui@4.1.1
tar -xzf inter-ui-4.1.1.tgz
python3 -m venv venv
venv/bin/pip install --quiet fonttools==4.68.0 brotli==1.2.1

venv/bin/python - "$here" <<'PYTHON'
import pathlib
import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

DIGITS = "zero one two three four five six seven eight nine".split()
RANGES = [(0x20, 0x24F), (0x2B0, 0x36F), (0x370, 0x52F), (0x1E00, 0x1FFF), (0x2010, 0x203A), (0x20A0, 0x20C0)]
SINGLES = [0x2044, 0x2116, 0x2122, 0x2190, 0x2192, 0x2212, 0x2713, 0x25A1]

for weight in ("Regular", "SemiBold"):
    font = TTFont(f"package/web/Inter-{weight}.woff2", recalcTimestamp=False)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update({ord("0") + value: f"{name}.tf" for value, name in enumerate(DIGITS)})
    options = Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 4, 6, 13, 14], notdef_outline=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)] + SINGLES)
    subsetter.subset(font)
    font.flavor = None
    font.save(pathlib.Path(sys.argv[1]) / f"Inter-{weight}.ttf")
PYTHON

cp package/LICENSE.txt "$here/LICENSE.txt"
