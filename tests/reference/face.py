"""Slow and obvious versions of what the face room does fast."""

import numpy as np
from scipy import ndimage, optimize


def normalise_contrast(image, sigma, truncate):
    """Eq. 1, pixel by pixel, with the window written out."""
    image = np.asarray(image, dtype=np.float64)
    radius = int(np.ceil(truncate * sigma))
    line = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    weights = np.outer(line, line) / line.sum() ** 2
    padded = np.pad(image, radius, mode="reflect")
    mean, spread = np.empty_like(image), np.empty_like(image)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            window = padded[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
            mean[row, column] = (weights * window).sum()
            variance = (weights * (window - mean[row, column]) ** 2).sum()
            spread[row, column] = np.sqrt(variance)
    return (image - mean) / np.maximum(spread, spread.mean())


def fit_similarity(source, target, weights):
    """Least squares over a, b, tx, ty, one equation per coordinate."""
    rows, values = [], []
    for (x, y), (u, v), weight in zip(source, target, weights, strict=True):
        root = np.sqrt(weight)
        rows += [np.array([x, -y, 1, 0]) * root, np.array([y, x, 0, 1]) * root]
        values += [u * root, v * root]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.array([[a, -b, tx], [b, a, ty]])


def register(frame, template, mask, start):
    """Search the similarity with the best correlation, with no derivative at all."""
    rows, columns = np.nonzero(mask)
    blurred = ndimage.gaussian_filter(template.astype(np.float64), 1.0, truncate=3.0)[rows, columns]
    grid_y, grid_x = np.mgrid[: template.shape[0], : template.shape[1]].astype(np.float64)

    def transform(parameters):
        scale, angle, tx, ty = parameters
        turn = (1 + scale) * np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        centre = (np.array(template.shape) - 1) / 2
        outer = np.column_stack([turn, centre - turn @ centre + [tx, ty]])
        return (np.vstack([outer, [0, 0, 1]]) @ np.vstack([start, [0, 0, 1]]))[:2]

    def mismatch(parameters):
        inverse = np.linalg.inv(np.vstack([transform(parameters), [0, 0, 1]]))
        x = inverse[0, 0] * grid_x + inverse[0, 1] * grid_y + inverse[0, 2]
        y = inverse[1, 0] * grid_x + inverse[1, 1] * grid_y + inverse[1, 2]
        view = ndimage.map_coordinates(frame.astype(np.float64), [y, x], order=1, mode="nearest")
        seen = ndimage.gaussian_filter(view, 1.0, truncate=3.0)[rows, columns]
        return -np.corrcoef(seen, blurred)[0, 1]

    simplex = np.vstack([np.zeros(4), np.diag([0.02, 0.02, 1.0, 1.0])])
    options = {"initial_simplex": simplex, "xatol": 1e-5, "fatol": 1e-10, "maxiter": 2000}
    best = optimize.minimize(mismatch, np.zeros(4), method="Nelder-Mead", options=options)
    return transform(best.x)
