from __future__ import annotations
from dataclasses import dataclass
@dataclass(frozen=True)
class ModelConfig:
    stages: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    skip: bool = True
    dropout: float = 0.0
    l2: float = 0.0
