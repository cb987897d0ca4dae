"""Train on your own pictures, one folder a class, and export to int8: python examples/train_own.py FOLDER [EPOCHS]."""

import sys
from pathlib import Path

import signs_edge
from signs_edge.train import ModelConfig, RunFolder, TrainConfig, fit

data, epochs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
run = RunFolder(Path("runs/own"))
fit(TrainConfig(data, ModelConfig(stages=(2, 2, 2), width=16), epochs=epochs, augment="light"), run)
exported = signs_edge.export.export_run(run.path)
print(f"counted with: signs-edge run --model {exported.folder}")
