#!/usr/bin/env bash
# Check the wheel in an emulated 64-bit Raspberry Pi userland, and compare its answers with this machine's.
#
#   tools/raspberry_pi.sh [bookworm|trixie]
#
# PI_RUN names a command that runs a program in the userland: `$PI_RUN FOLDER -- PROGRAM...` has FOLDER as /mnt and as the
# working folder; PI_SUITE tells it the suite. Without it the check is skipped, with exit code 0.
# PICAMERA2 may name a folder with picamera2 and its modules for the suite's Python; they go into Debian's dist-packages.
set -euo pipefail

suite=${1:-bookworm}
here=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${PI_RUN:-}" ]; then
  echo "skipped: no emulated Raspberry Pi: set PI_RUN to a command that runs a program in one, see $0"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/dist/signs_edge-*.whl "$work"/ 2>/dev/null || { make -C "$here" wheel; cp "$here"/dist/signs_edge-*.whl "$work"/; }
"$here"/.venv/bin/python - "$work/hands" "${HANDS:-60}" <<'PYTHON'
import sys
from pathlib import Path

import cv2

from signs_edge.edge.synthetic.hands import draw_hands

folder = Path(sys.argv[1])
folder.mkdir()
images, labels = draw_hands(int(sys.argv[2]), seed=13, size=96)
for number, (image, label) in enumerate(zip(images, labels, strict=True)):
    cv2.imwrite(str(folder / f"{number:03}-{label}.png"), image[..., ::-1])
PYTHON
(cd "$work" && "$here"/.venv/bin/signs-edge run --model packaged --float-model packaged --source hands --headless --smooth 0 --jsonl here.jsonl)
[ -z "${PICAMERA2:-}" ] || cp -r "$PICAMERA2" "$work/dist"

cat > "$work/check.sh" <<'CHECK'
set -eu
say() { printf '\n$ %s\n' "$*"; "$@" || echo "(exit code $?)"; }
[ ! -d dist ] || cp -r dist/. /usr/lib/python3/dist-packages/
python=/opt/signs-check
rm -rf "$python"; python3 -m venv "$python"; "$python/bin/pip" install --quiet ./signs_edge-*.whl
site=$("$python/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
printf '\ninstalled without pip and setuptools: %s MB\n' \
  "$(du -sm --exclude=pip --exclude='pip-*' --exclude='setuptools*' --exclude=_distutils_hack --exclude=pkg_resources "$site" | cut -f 1)"
export PATH="$python/bin:$PATH"
say signs-edge --help
say signs-edge doctor
say signs-edge run --model packaged --float-model packaged --source hands --headless --smooth 0 --jsonl pi.jsonl
say signs-edge bench --seconds 0.5 --rounds 1 --threads 1 "$site/signs_edge/edge/models/int8.tflite"
say signs-edge inspect "$site/signs_edge/edge/models/int8.tflite"
say signs-edge service install --dry-run -- --source hands
say signs-edge service install -- --source hands
say signs-edge run --source picamera --headless
CHECK
PI_SUITE=$suite $PI_RUN "$work" -- bash check.sh

"$here"/.venv/bin/python - "$work/here.jsonl" "$work/pi.jsonl" <<'PYTHON'
import json
import sys
from pathlib import Path


def rows(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


ours, theirs = rows(sys.argv[1]), rows(sys.argv[2])
if len(ours) != len(theirs) or not ours:
    sys.exit(f"{len(ours)} answers here, {len(theirs)} in the userland")
def answer(row):
    """The likeliest count, and whether it was too uncertain to be given."""
    withheld = row["count"] is None
    return (row["withheld"] if withheld else str(row["count"])), withheld


same = sum(answer(a) == answer(b) for a, b in zip(ours, theirs, strict=True))
print(f"\nthe same answer on {same} of {len(ours)} drawn hands")
sys.exit(same != len(ours))
PYTHON
