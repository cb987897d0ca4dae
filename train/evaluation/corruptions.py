"""What cameras and rooms do to a picture: 12 corruptions at 5 strengths, to judge a model by and never to train on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images
from signs_edge.edge.errors import UsageError

STRENGTHS = (1, 2, 3, 4, 5)
_BLOCK = 1000  # pictures at once: as floats they take eight times the memory
_GAMMA = 2.2  # from stored values to light and back; close to sRGB's curve

_Pictures = npt.NDArray[np.float32]  # (n, height, width, 3) float32 RGB in 0..1
_Rng = np.random.Generator


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    Attributes:
        apply: from (n, height, width, 3) float32 RGB in 0..1, a level and a generator to the same shape; what leaves
            0..1 is cut off afterwards.
        levels: the level of each strength from 1 to 5, in the unit that `apply` documents.
    """

    apply: Callable[[_Pictures, float, _Rng], npt.NDArray[np.floating]]
    levels: tuple[float, float, float, float, float]


def corrupt(images: Images, name: str, strength: int, seed: int = 0) -> Images:
    """Pictures as they look under one corruption.

    Each picture draws its own noise, angle or tint. The strengths were chosen by eye on SIGNS: at 5 the picture is bad,
    and a person still counts the fingers. Parts of the hand are never covered, for then nobody can.

    Args:
        images: (n, height, width, 3) uint8 RGB.
        name: one of `CORRUPTIONS`.
        strength: 1 (slight) to 5.
        seed: of all chance; the same call gives the same pictures.

    Returns:
        A new array of the same shape and dtype.

    Raises:
        UsageError: the name or the strength is not known.

    Source: after Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
    Perturbations", ICLR 2019, with levels for pictures of 64×64.
    """
    if name not in CORRUPTIONS:
        raise UsageError(f"corruption {name!r} is not known: choose one of {', '.join(CORRUPTIONS)}")
    if strength not in STRENGTHS:
        raise UsageError(f"strength {strength} is not allowed: give 1 to 5")
    chosen = CORRUPTIONS[name]
    rng = np.random.default_rng([seed, list(CORRUPTIONS).index(name), strength])
    level = chosen.levels[strength - 1]
    corrupted = np.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK].astype(np.float32) / np.float32(255)
        corrupted[start : start + _BLOCK] = np.rint(np.clip(chosen.apply(block, level, rng), 0, 1) * 255)
    return corrupted


def _sensor_noise(pictures: _Pictures, deviation: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """Gaussian noise of a standard deviation in units of full scale."""
    return pictures + rng.normal(0, deviation, pictures.shape)


def _low_light(pictures: _Pictures, exposure: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """A share of the light, counted photon by photon: dark, and noisier the darker."""
    photons = 700.0  # a full pixel's, at full light: a small, cheap sensor
    return (rng.poisson(pictures**_GAMMA * exposure * photons) / photons) ** (1 / _GAMMA)


def _overexposure(pictures: _Pictures, exposure: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """So many times the light; what is brighter than the sensor can tell becomes white."""
    return (pictures**_GAMMA * exposure) ** (1 / _GAMMA)


def _low_contrast(pictures: _Pictures, contrast: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """A share of the contrast, as in haze or through a smeared lens; the veil is grey of a random brightness."""
    veil = rng.uniform(0.35, 0.65, (len(pictures), 1, 1, 1))
    return veil + contrast * (pictures - veil)


def _white_balance(pictures: _Pictures, amount: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """Lamps of another colour: red against blue and green against both, gains of e to the ± amount at most."""
    angle = rng.uniform(0, 2 * np.pi, (len(pictures), 1, 1, 1))
    warm, green = np.cos(angle), 0.6 * np.sin(angle)
    gains = np.concatenate([warm - green / 2, green, -warm - green / 2], axis=-1)
    return pictures * np.exp(amount * gains)


def _grey(pictures: _Pictures, amount: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """A share of the colour gone; 1 is grey, as from a camera in its infrared night mode."""
    luma = pictures @ np.array([0.299, 0.587, 0.114], np.float32)
    return pictures + amount * (luma[..., np.newaxis] - pictures)


def _shadow(pictures: _Pictures, light: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """A soft-edged shadow over about half the picture, in which a share of the light is left."""
    n, height, width, _ = pictures.shape
    angle, offset = rng.uniform(0, 2 * np.pi, (n, 1, 1)), rng.uniform(-0.15, 0.15, (n, 1, 1))
    y, x = np.meshgrid(np.linspace(-0.5, 0.5, height), np.linspace(-0.5, 0.5, width), indexing="ij")
    distance = x * np.cos(angle) + y * np.sin(angle) - offset
    lit = 1 / (1 + np.exp(-distance / 0.03))
    return pictures * (light + (1 - light) * lit[..., np.newaxis]) ** (1 / _GAMMA)


def _motion_blur(pictures: _Pictures, length: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """The mean along a straight line of a length in pixels, in a random direction."""
    kernels = []
    for angle in rng.uniform(0, np.pi, len(pictures)):
        size = 2 * int(length) + 1  # room for the line and its soft ends
        along = np.linspace(-length / 2, length / 2, 65)
        kernel = np.zeros((size, size), np.float32)
        rows, columns = size // 2 + along * np.sin(angle), size // 2 + along * np.cos(angle)
        for row, column in ((np.floor, np.floor), (np.floor, np.ceil), (np.ceil, np.floor), (np.ceil, np.ceil)):
            weight = (1 - np.abs(rows - row(rows))) * (1 - np.abs(columns - column(columns)))
            np.add.at(kernel, (row(rows).astype(int), column(columns).astype(int)), weight.astype(np.float32))
        kernels.append(kernel / kernel.sum())
    return _filtered(pictures, kernels)


def _defocus_blur(pictures: _Pictures, radius: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """The mean over a disk of a radius in pixels, whose edge pixels count by their share."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disk = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return _filtered(pictures, [disk / disk.sum()] * len(pictures))


def _filtered(pictures: _Pictures, kernels: list[npt.NDArray[np.float32]]) -> _Pictures:
    """Each picture under its own kernel; what stands at the border is mirrored outwards."""
    pairs = zip(pictures, kernels, strict=True)
    return np.stack([cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT) for picture, kernel in pairs])


def _low_resolution(pictures: _Pictures, side: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """A far hand: so many pixels across, enlarged again."""
    height, width = pictures.shape[1:3]
    small = (round(side), round(side * height / width))
    return np.stack(
        [
            cv2.resize(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (width, height))  # bilinear
            for picture in pictures
        ]
    )


def _jpeg(pictures: _Pictures, quality: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """Blocks and rings of JPEG at a quality from 1 to 100."""
    options = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    decoded = []
    for picture in np.rint(pictures * 255).astype(np.uint8):
        # Encoded and decoded as BGR, for the channels are not treated alike; what was encoded here can be decoded.
        _, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
        decoded.append(cv2.cvtColor(np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB))
    return np.stack(decoded).astype(np.float32) / 255


def _framing(pictures: _Pictures, amount: float, rng: _Rng) -> npt.NDArray[np.floating]:
    """The camera held otherwise: turned by up to 32°·amount, the hand up to 30 % smaller and 14 % of the side away."""
    n, height, width, _ = pictures.shape
    # Of each picture two thirds of the amount at least, or half of strength 5 would be no harder than strength 2.
    shares = amount * rng.uniform(2 / 3, 1, (3, n))
    turned = 32 * shares[0] * rng.choice(np.array([-1.0, 1.0]), n)
    smaller = 1 - 0.3 * shares[1]
    direction = rng.uniform(0, 2 * np.pi, (n, 1))
    towards = np.concatenate([width * np.cos(direction), height * np.sin(direction)], axis=1)
    shifts = 0.14 * shares[2][:, np.newaxis] * towards
    framed = np.empty_like(pictures)
    for index, picture in enumerate(pictures):
        matrix = np.array(cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turned[index], smaller[index]))
        matrix[:, 2] += shifts[index]
        cv2.warpAffine(picture, matrix, (width, height), dst=framed[index], borderMode=cv2.BORDER_REPLICATE)
    return framed


CORRUPTIONS: Mapping[str, Corruption] = MappingProxyType(
    {
        "sensor noise": Corruption(_sensor_noise, (0.03, 0.06, 0.1, 0.14, 0.18)),
        "low light": Corruption(_low_light, (0.4, 0.22, 0.13, 0.08, 0.05)),
        "overexposure": Corruption(_overexposure, (1.3, 1.8, 2.5, 3.5, 4.5)),
        "low contrast": Corruption(_low_contrast, (0.7, 0.5, 0.36, 0.25, 0.17)),
        "white balance": Corruption(_white_balance, (0.08, 0.16, 0.24, 0.32, 0.4)),
        "grey": Corruption(_grey, (0.2, 0.4, 0.6, 0.8, 1.0)),
        "shadow": Corruption(_shadow, (0.6, 0.42, 0.28, 0.18, 0.1)),
        "motion blur": Corruption(_motion_blur, (2.5, 4, 5.5, 7, 8.5)),
        "defocus blur": Corruption(_defocus_blur, (1.0, 1.6, 2.2, 2.8, 3.4)),
        "low resolution": Corruption(_low_resolution, (40, 32, 25, 20, 16)),
        "jpeg": Corruption(_jpeg, (45, 30, 22, 16, 12)),
        "framing": Corruption(_framing, (0.2, 0.4, 0.6, 0.8, 1.0)),
    }
)
"""By name, in the order of every table."""
