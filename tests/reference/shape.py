"""The shape of one face, point by point, as slowly and plainly as can be."""

import numpy as np
from scipy.spatial.transform import Rotation

RIGID = [168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263]
RIGID += [127, 356, 234, 454, 93, 323, 10, 151, 9, 8]


def shape_of(mesh, mean):
    """Return the 26 numbers of a (468, 3) mesh against a (468, 3) mean face."""
    turn, size, shift = fit(mesh[RIGID], mean[RIGID])
    placed = [size * (turn @ point) + shift for point in mesh]
    numbers = np.array(numbers_of(placed)) - np.array(numbers_of(mean))
    pitch = np.arctan2(turn[2, 1], turn[2, 2])
    yaw = -np.arcsin(turn[2, 0])
    roll = np.arctan2(turn[1, 0], turn[0, 0])
    return np.concatenate([numbers, np.degrees([pitch, yaw, roll])])


def fit(points, target):
    """Return rotation, size and shift that take points onto a target by least squares."""
    centre, middle = points.mean(axis=0), target.mean(axis=0)
    rotation, _ = Rotation.align_vectors(target - middle, points - centre)
    turn = rotation.as_matrix()
    turned = np.array([turn @ (point - centre) for point in points])
    size = (turned * (target - middle)).sum() / (turned**2).sum()
    return turn, size, middle - size * turn @ centre


def numbers_of(points):
    """Return the 23 numbers of a face that is turned to the front."""
    x = {index: point[0] for index, point in enumerate(points)}
    y = {index: point[1] for index, point in enumerate(points)}
    z = {index: point[2] for index, point in enumerate(points)}
    return [
        -y[107],
        -y[336],
        -y[70],
        -y[300],
        abs(x[107] - x[336]),
        y[145] - y[159],
        y[374] - y[386],
        -y[117],
        -y[346],
        -y[98],
        -y[327],
        -y[61],
        -y[291],
        -x[61],
        x[291],
        -y[0],
        y[17],
        y[14] - y[13],
        y[13] - y[0],
        y[17] - y[14],
        y[152],
        (x[61] + x[291] + x[0] + x[17]) / 4,
        -(z[0] + z[17]) / 2,
    ]
