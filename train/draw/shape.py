"""Persons: the base mesh blended into someone of any sex, age, build and ancestry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, JOINTS, Array, unit
from signs_edge.edge.synthetic.mesh.truth import finger_of_faces
from signs_edge.train.draw.people import (
    AGES,
    BODY,
    CLOTH,
    GROUP,
    HAND_TARGETS,
    LIMBS,
    LOOKS,
    MUSCLES,
    SIDES,
    WEIGHTS,
    People,
)

MIRROR = np.diag([-1.0, 1.0, 1.0])
HAND_GROUPS = ("wrist", *(name for name in LIMBS if name.startswith("finger")))
GROUP_JOINT = {"wrist": 0} | {
    f"finger{finger}-{bone}": (bone if finger == 1 else 5 * finger - 5 + bone)
    for finger in range(1, 6)
    for bone in (1, 2, 3)
}
"""The joint of `HandMesh` that carries each group of a hand's bones."""
CHILD_SHARE, OLD_SHARE = 0.16, 0.25
LEAST_AMOUNT = 0.01  # of a target, below which it is left out


def _joint_ends() -> dict[int, str]:
    """For each of the 25 joints but the wrist, the end of a bone that is there (without its side)."""
    ends = {1: "finger1-1 head", 2: "finger1-2 head", 3: "finger1-3 head", 4: "finger1-3 tail"}
    for finger in range(2, 6):
        first = 5 * finger - 5
        names = (f"metacarpal{finger - 1} head", *(f"finger{finger}-{bone} head" for bone in (1, 2, 3)))
        ends |= {first + place: name for place, name in enumerate((*names, f"finger{finger}-3 tail"))}
    return ends


JOINT_ENDS = _joint_ends()


@dataclass(frozen=True)
class Shape:
    """A person at rest; metres, y up, the face to +z.

    Attributes:
        vertices, normals: (n, 3) float32.
        joints: the places of bones' ends, (3,) each.
        hands: by side, the 25 joints' frames as they lie in the flesh (in the world), and straightened for posing (in
            the wrist's frame), (25, 4, 4) float32 each; those of the left hand as its mirror image.
        ancestry: (3,) shares of African, Asian and European looks.
    """

    vertices: Array
    normals: Array
    joints: dict[str, Array]
    hands: dict[str, tuple[Array, Array]]
    ancestry: Array


class PersonModel:
    """The base mesh with all that is computed once for many persons."""

    def __init__(self, people: People, straight: Array) -> None:
        """Prepare the base mesh.

        Args:
            people: the base mesh.
            straight: (25, 4, 4) the joints of a hand with straight fingers, of a `HandMesh.bind`.
        """
        self.people, self.straight = people, straight
        self._moves = {
            name: _spread_out(rows, moves, len(people.vertices)) for name, (rows, moves) in people.targets.items()
        }
        sizes = [len(rows) for rows in people.joints.values()]
        self._joint_rows = np.concatenate(list(people.joints.values()))
        self._joint_starts, self._joint_sizes = np.cumsum([0, *sizes[:-1]]), np.array(sizes)[:, None]
        self.used = np.unique(people.faces)
        number = np.full(len(people.vertices), -1)
        number[self.used] = np.arange(len(self.used))
        self.faces, self.kind = number[people.faces], people.kind
        self.base, self.weights = people.vertices[self.used], people.weights[self.used]
        self.normals = mesh_normals(self.base, self.faces)
        self.cloth, skin = (self._corners_of(kind) for kind in (CLOTH, BODY))
        self.head = self._carried("head")
        self.face_vertices = np.nonzero(self.head & skin)[0]
        self.torso = self._carried("hips", "chest", *(f"shoulder.{side}" for side in SIDES))
        self.legs = self._carried(*(f"leg.{side}" for side in SIDES))
        self.along_arm = self._along_arms()
        self.palms = np.zeros(len(self.used), np.float32)
        self.hand_vertices: dict[str, Array] = {}
        self.hand_faces: dict[str, Array] = {}
        self.fingers: dict[str, Array] = {}
        for side in SIDES:
            self._prepare_hand(side, skin)

    def blend(self, amounts: dict[str, float]) -> Array:
        """(n, 3) float32, the base mesh moved by targets."""
        vertices = self.people.vertices.copy()
        for name, amount in amounts.items():
            if amount > LEAST_AMOUNT:
                rows, moves = self._moves[name]
                vertices[rows] += np.float32(amount) * moves
        return vertices

    def joints(self, vertices: Array) -> dict[str, Array]:
        """The places (3,) of bones' ends, the means of vertices (n, 3) of the whole mesh."""
        means = np.add.reduceat(vertices[self._joint_rows], self._joint_starts, axis=0) / self._joint_sizes
        return dict(zip(self.people.joints, means, strict=True))

    def _corners_of(self, kind: int) -> Array:
        mask = np.zeros(len(self.used), dtype=bool)
        mask[self.faces[self.kind == kind]] = True
        return mask

    def _carried(self, *groups: str) -> Array:
        """(n,) whether a vertex follows these groups more than others."""
        return np.asarray(self.weights[:, [GROUP[name] for name in groups]].sum(axis=1) > 0.5)

    def _along_arms(self) -> Array:
        """(n,) float32: 0 at the shoulder, 1 at the elbow, 2 at the wrist; -1 off the arms."""
        along = np.full(len(self.used), -1, np.float32)
        for side in SIDES:
            shoulder, elbow, wrist = (
                self.people.vertices[self.people.joints[f"{bone}.{side}.head"]].mean(axis=0)
                for bone in ("upperarm01", "lowerarm01", "wrist")
            )
            arm = self._carried(*(f"{name}.{side}" for name in ("upperarm", "elbow", "forearm", *HAND_GROUPS)))
            lower, upper = _share(self.base, elbow, wrist), _share(self.base, shoulder, elbow)
            along[arm] = np.where(lower > 0, 1 + lower, np.minimum(upper, 1))[arm]
        return along

    def _prepare_hand(self, side: str, skin: Array) -> None:
        mask = self._carried(*(f"{name}.{side}" for name in HAND_GROUPS)) & skin
        self.hand_vertices[side] = np.nonzero(mask)[0]
        self.hand_faces[side] = mask[self.faces].all(axis=1) & (self.kind == BODY)
        groups = [[GROUP[f"finger{finger}-{bone}.{side}"] for bone in (1, 2, 3)] for finger in range(1, 6)]
        chains = tuple((-1, *bones[1 if finger == 0 else 0 :]) for finger, bones in enumerate(groups))
        owner = finger_of_faces(self.weights, self.faces, chains)
        self.fingers[side] = np.where(self.hand_faces[side], owner, -1)
        at = self.joints(self.people.vertices)
        mirror = MIRROR if side == "L" else np.eye(3)
        back = mirror @ hand_frames(at, side, self.straight)[0][0, :3, 1]
        self.palms[mask] = np.clip(0.5 - 0.9 * (self.normals[mask] @ back), 0, 1)


def _spread_out(rows: Array, moves: Array, number: int) -> tuple[slice | Array, Array]:
    """A target as it is added fastest: to all vertices if it moves many of them."""
    if len(rows) < number / 6:
        return rows, moves
    dense = np.zeros((number, 3), np.float32)
    dense[rows] = moves
    return slice(None), dense


def _share(points: Array, a: Array, b: Array) -> Array:
    """(n,) how far along the way from a to b points lie."""
    return np.asarray((points - a) @ (b - a) / ((b - a) @ (b - a)))


def mesh_normals(vertices: Array, faces: Array) -> Array:
    """(n, 3) float32 unit normals of vertices, from the faces (m, 4) around them."""
    flat = np.cross(vertices[faces[:, 2]] - vertices[faces[:, 0]], vertices[faces[:, 3]] - vertices[faces[:, 1]])
    corners = faces.T.ravel()
    total = [np.bincount(corners, np.tile(flat[:, axis], 4), len(vertices)) for axis in range(3)]
    return unit(np.stack(total, 1)).astype(np.float32)


def sample_shape(model: PersonModel, rng: np.random.Generator) -> Shape:
    """Choose someone: any sex, from about eight years on, any build and ancestry."""
    male = float(np.clip(rng.choice([rng.normal(0.12, 0.12), rng.normal(0.88, 0.12)]), 0, 1))
    ancestry = rng.dirichlet([0.6] * len(LOOKS))
    ages, muscle, weight = _ages(rng), rng.choice(MUSCLES, p=[0.3, 0.5, 0.2]), rng.choice(WEIGHTS, p=[0.25, 0.5, 0.25])
    wanted: dict[str, float] = {}
    for sex, share in (("male", male), ("female", 1 - male)):
        for age, amount in ages.items():
            looks = zip(LOOKS, ancestry.tolist(), strict=True)
            wanted |= {f"macrodetails/{look}-{sex}-{age}": share * amount * part for look, part in looks}
            wanted[f"macrodetails/universal-{sex}-{age}-{muscle}-{weight}"] = share * amount
    for name in HAND_TARGETS:
        size = rng.normal(0, 0.3 if name == "scale" else 0.5)
        way = "incr" if size > 0 else "decr"
        wanted |= {f"armslegs/{side}-hand-{name}-{way}": min(abs(size), 1.0) for side in "lr"}
    vertices = model.blend(wanted)
    joints = model.joints(vertices)
    hands = {side: hand_frames(joints, side, model.straight) for side in SIDES}
    vertices = vertices[model.used]
    return Shape(vertices, mesh_normals(vertices, model.faces), joints, hands, ancestry)


def _ages(rng: np.random.Generator) -> dict[str, float]:
    """Shares of MakeHuman's ages; its child is about ten years old."""
    ages, chance = dict.fromkeys(AGES, 0.0), rng.random()
    if chance < CHILD_SHARE:
        ages["child"] = float(rng.uniform(0.2, 0.85))
    elif chance < CHILD_SHARE + OLD_SHARE:
        ages["old"] = float(rng.random())
    ages["young"] = 1 - ages["child"] - ages["old"]
    return ages


def least_turn(a: Array, b: Array) -> Array:
    """(3, 3) the least rotation that turns direction a to direction b."""
    a, b = unit(a), unit(b)
    axis, cos = cross(a, b), float(a @ b)
    if cos < -0.9999:  # opposite: about any axis across
        axis = unit(cross(a, np.array([0.3, 0.5, 0.8])))
        return np.asarray(2 * np.outer(axis, axis) - np.eye(3))
    skew = _skew(axis)
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cos))


def turn_about(axis: Array, angle: float) -> Array:
    """(3, 3) a rotation about an axis by an angle in radians (Rodrigues' formula)."""
    skew = _skew(unit(axis))
    return np.asarray(np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew)


def _skew(axis: Array) -> Array:
    x, y, z = axis.tolist()
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def cross(a: Array, b: Array) -> Array:
    """The cross product of two vectors; numpy's own is slow for a single pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def hand_frames(joints: dict[str, Array], side: str, straight: Array) -> tuple[Array, Array]:
    """A hand's 25 joints as in `Shape.hands`: in the flesh at rest, and straightened."""
    mirror = MIRROR if side == "L" else np.eye(3)
    at = np.zeros((JOINTS, 3))
    at[0] = joints[f"wrist.{side}.head"]
    for joint, name in JOINT_ENDS.items():
        bone, end = name.split()
        at[joint] = joints[f"{bone}.{side}.{end}"]
    at = at @ mirror
    z = -unit(at[CHAINS[2][1]] - at[0])
    x = at[CHAINS[4][1]] - at[CHAINS[1][1]]
    x = unit(x - z * (x @ z))
    wrist = np.stack([x, cross(z, x), z], 1)
    rest, posed = np.tile(np.eye(4), (JOINTS, 1, 1)), np.tile(np.eye(4), (JOINTS, 1, 1))
    rest[0, :3, :3], rest[0, :3, 3] = wrist, at[0]
    for finger, chain in enumerate(CHAINS):
        for place, joint in enumerate(chain):
            turn = wrist @ straight[joint, :3, :3]
            if place + 1 < len(chain):
                turn = least_turn(-turn[:, 2], at[chain[place + 1]] - at[joint]) @ turn
            rest[joint, :3, :3], rest[joint, :3, 3] = turn, at[joint]
            posed[joint, :3, :3] = straight[joint, :3, :3]
            if place < (1 if finger == 0 else 2):  # in the palm: where they are
                posed[joint, :3, 3] = wrist.T @ (at[joint] - at[0])
            else:
                before = posed[chain[place - 1]]
                length = float(np.linalg.norm(at[joint] - at[chain[place - 1]]))
                posed[joint, :3, 3] = before[:3, 3] - before[:3, 2] * length
    return rest.astype(np.float32), posed.astype(np.float32)
