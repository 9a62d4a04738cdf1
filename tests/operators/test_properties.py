"""What every operator promises: one suite for all of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
import scipy.sparse
import torch
from torch import Tensor

from fourierfield.grids._domain import Grid
from fourierfield.kernels._composed import PointNTK
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._stationary import GaussianKernel
from fourierfield.operators._base import DenseOperator, Diagonal, LinearOperator, Sampling, ScaledIdentity
from fourierfield.operators._cells import Differences, ValuesAndDetails
from fourierfield.operators._fourier import CartesianFourier, Coils, ComplexAsReal, OfReal, Repeated, nonuniform_fourier
from fourierfield.operators._geometry import Geometry
from fourierfield.operators._gram import gram
from fourierfield.operators._mirror import MirrorInverse
from fourierfield.operators._projection import projection, ray_sums
from fourierfield.operators._scattered import ScatteredGram, split_for
from fourierfield.operators._sparse import SparseOperator
from fourierfield.operators._toeplitz import Circulant, Toeplitz
from fourierfield.solvers._sparse_inverse import sparse_inverse

Make = Callable[[torch.dtype], LinearOperator]


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).to(dtype)


def dense(rows: int, columns: int, dtype: torch.dtype, seed: int = 0) -> DenseOperator:
    return DenseOperator(noise(rows, columns, seed=seed, dtype=dtype))


def toeplitz(rows: tuple[int, ...], columns: tuple[int, ...], dtype: torch.dtype) -> Toeplitz:
    table = noise(*(r + c - 1 for r, c in zip(rows, columns, strict=True)), dtype=dtype)
    return Toeplitz(table, rows, columns)


def even_toeplitz(shape: tuple[int, ...], dtype: torch.dtype) -> Toeplitz:
    table = noise(*(2 * n - 1 for n in shape), dtype=dtype)
    return Toeplitz(table + table.flip(tuple(range(len(shape)))), shape, shape)


def points(count: int, d: int = 2) -> Tensor:
    return torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(count))


def floored_toeplitz(rows: tuple[int, ...], columns: tuple[int, ...], dtype: torch.dtype) -> Toeplitz:
    """Constant beyond an offset of one."""
    table = torch.full([r + c - 1 for r, c in zip(rows, columns, strict=True)], 0.25, dtype=dtype)
    middle = tuple(slice(c - 2, c + 1) for c in columns)
    table[middle] = noise(*table[middle].shape, dtype=dtype)
    return Toeplitz(table, rows, columns)


def sparse(rows: int, columns: int) -> SparseOperator:
    return SparseOperator(scipy.sparse.random(rows, columns, 0.3, random_state=0))


def scattered(count: int, d: int) -> ScatteredGram:
    """With a kernel that ends in one and two dimensions and one that does not in three."""
    kernel = GaussianKernel(3.0) if d < 3 else MaternKernel(0.5, 0.2)
    return ScatteredGram(split_for(kernel, points(count, d), 1e-4), points(count, d))


def preconditioner() -> LinearOperator:
    matrix = gram(GaussianKernel(2.0), points(7)).to_dense() + torch.eye(7)
    return sparse_inverse(
        lambda rows: matrix[rows[:, :, None], rows[:, None]], torch.tensor([[i - 1, i - 2] for i in range(7)])
    )


def parallel(size: int, centre: float | None = None) -> LinearOperator:
    return projection(Geometry(torch.linspace(0.1, 3, 5).numpy(), size, centre), (size, size))


def fan(size: int) -> LinearOperator:
    angles = torch.linspace(0.1, 6, 5).numpy()
    return projection(Geometry(angles, size, source=2.0 * size, detector=3.0 * size), (size, size))


def fourier(*shape: int) -> CartesianFourier:
    return CartesianFourier(shape, torch.randperm(math.prod(shape), generator=torch.Generator().manual_seed(0))[:8])


def between_places(*shape: int) -> LinearOperator:
    return nonuniform_fourier(shape, (points(9, len(shape)) - 0.5) * torch.tensor(shape))


def circulant(*shape: int) -> Circulant:
    return Circulant(torch.fft.fftn(noise(*shape)).abs())


def coils(*shape: int) -> LinearOperator:
    return Coils(fourier(*shape), torch.complex(noise(3, math.prod(shape)), noise(3, math.prod(shape), seed=1)))


GRID = Grid((0.0, 0.0), (0.5, 1.0), (3, 5))
WIDER = Grid.from_origin((0.3, -0.1), GRID.spacing, (4, 2))

OPERATORS: dict[str, Make] = {
    "dense": lambda dtype: dense(6, 9, dtype),
    "toeplitz-1": lambda dtype: toeplitz((7,), (12,), dtype),
    "toeplitz-1-tall": lambda dtype: toeplitz((12,), (7,), dtype),
    "toeplitz-1-of-one": lambda dtype: toeplitz((1,), (1,), dtype),
    "toeplitz-2": lambda dtype: toeplitz((3, 5), (4, 2), dtype),
    "toeplitz-3": lambda dtype: toeplitz((3, 1, 4), (2, 5, 3), dtype),
    "toeplitz-square": lambda dtype: toeplitz((3, 5), (3, 5), dtype),
    "toeplitz-even-1": lambda dtype: even_toeplitz((9,), dtype),
    "toeplitz-even-2": lambda dtype: even_toeplitz((3, 6), dtype),
    "toeplitz-even-3": lambda dtype: even_toeplitz((2, 3, 4), dtype),
    "sampling": lambda dtype: Sampling(torch.tensor([4, 0, 7]), 9, dtype),
    "sampling-nothing": lambda dtype: Sampling(torch.tensor([], dtype=torch.int64), 4, dtype),
    "toeplitz-with-a-floor-1": lambda dtype: floored_toeplitz((9,), (9,), dtype),
    "toeplitz-with-a-floor-2": lambda dtype: floored_toeplitz((6, 7), (5, 9), dtype),
    "sparse": lambda dtype: sparse(7, 5),
    "sparse-inverse": lambda dtype: preconditioner(),
    "scattered-1": lambda dtype: scattered(30, 1),
    "scattered-2": lambda dtype: scattered(21, 2),
    "scattered-3": lambda dtype: scattered(12, 3),
    "mirror-1": lambda dtype: MirrorInverse(GaussianKernel(1.0), Grid((0.0,), (1.0,), (6,)), 0.1),
    "mirror-2": lambda dtype: MirrorInverse(GaussianKernel(1.0), GRID, 0.1),
    "mirror-of-one": lambda dtype: MirrorInverse(GaussianKernel(1.0), Grid((0.0, 0.0), (1.0, 1.0), (1, 1)), 0.1),
    "identity": lambda dtype: ScaledIdentity(5, -0.7, dtype),
    "diagonal": lambda dtype: Diagonal(noise(6, dtype=dtype)),
    "scaled": lambda dtype: 2.5 * dense(6, 9, dtype),
    "sum": lambda dtype: dense(6, 6, dtype) + ScaledIdentity(6, 0.1, dtype),
    "sum-of-three": lambda dtype: dense(4, 3, dtype) + dense(4, 3, dtype, 1) + 2 * dense(4, 3, dtype, 2),
    "product": lambda dtype: dense(6, 9, dtype) @ dense(9, 4, dtype, 1),
    "masked-toeplitz": lambda dtype: (
        Sampling(torch.tensor([1, 4, 5]), 15, dtype)
        @ even_toeplitz((3, 5), dtype)
        @ Sampling(torch.arange(9), 15, dtype).H
    ),
    "adjoint": lambda dtype: toeplitz((3, 5), (4, 2), dtype).H,
    "adjoint-of-product": lambda dtype: (dense(6, 9, dtype) @ dense(9, 4, dtype, 1)).H,
    "adjoint-of-sum": lambda dtype: (dense(4, 3, dtype) + dense(4, 3, dtype, 1)).H,
    "gram-of-points": lambda dtype: gram(GaussianKernel(1.0), points(6), points(4)),
    "gram-of-a-grid": lambda dtype: gram(GaussianKernel(1.0), GRID),
    "gram-of-grids": lambda dtype: gram(GaussianKernel(1.0), GRID, WIDER),
    "gram-of-grid-and-points": lambda dtype: gram(GaussianKernel(1.0), GRID, points(4)),
    "projection-odd": lambda dtype: parallel(5),
    "projection-even": lambda dtype: parallel(6),
    "projection-off-centre": lambda dtype: parallel(6, 1.7),
    "projection-of-a-wider-image": lambda dtype: projection(Geometry(torch.tensor([0.3, 2.0]).numpy(), 7), (5, 9)),
    "projection-fan-odd": lambda dtype: fan(5),
    "projection-fan-even": lambda dtype: fan(6),
    "projection-ray-by-ray": lambda dtype: ray_sums(Geometry(torch.tensor([0.0, 0.8, 1.6]).numpy(), 6), (6, 6)),
    "fourier-odd-even": lambda dtype: OfReal(fourier(5, 6)),
    "fourier-of-a-volume": lambda dtype: ComplexAsReal(fourier(3, 4, 5)),
    "fourier-between-places": lambda dtype: ComplexAsReal(between_places(5, 6)),
    "fourier-between-places-of-a-volume": lambda dtype: OfReal(between_places(4, 3, 5)),
    "coils": lambda dtype: ComplexAsReal(coils(4, 5)),
    "coils-of-a-real-image": lambda dtype: OfReal(coils(5, 4)),
    "circulant-odd": lambda dtype: circulant(5),
    "circulant-even": lambda dtype: circulant(4, 6),
    "circulant-3": lambda dtype: circulant(3, 2, 5),
    "differences-1": lambda dtype: Differences((5,)),
    "differences-2": lambda dtype: Differences((4, 1)),
    "differences-3": lambda dtype: Differences((3, 4, 2)),
    "values-and-details-1": lambda dtype: ValuesAndDetails((5,)),
    "values-and-details-2": lambda dtype: ValuesAndDetails((4, 3)),
    "values-and-details-3": lambda dtype: ValuesAndDetails((3, 4, 2)),
    "values-and-details-of-lines": lambda dtype: ValuesAndDetails((1, 5, 1)),
    "values-and-details-of-one": lambda dtype: ValuesAndDetails((1, 1)),
    "repeated": lambda dtype: Repeated(dense(3, 4, dtype), 3),
    "gram-of-a-point-kernel": lambda dtype: gram(PointNTK(InfiniteMLP.of_depth(2)), points(6), GRID),
}


@pytest.fixture(params=list(OPERATORS))
def make(request: pytest.FixtureRequest) -> Make:
    return OPERATORS[request.param]


@pytest.fixture
def operator(make: Make) -> LinearOperator:
    return make(torch.float64)


def close(found: Tensor, expected: Tensor, share: float = 1e-12) -> bool:
    size = float(expected.abs().max()) if expected.numel() else 0.0
    return found.shape == expected.shape and bool(((found - expected).abs() <= share * max(size, 1e-30)).all())


def test_it_is_linear(operator: LinearOperator) -> None:
    x, y = noise(2, operator.shape[1], seed=1)
    assert close(operator @ (2 * x - 3 * y), 2 * (operator @ x) - 3 * (operator @ y), 1e-11)
    assert not (operator @ torch.zeros_like(x)).any()


def test_its_adjoint_is_its_adjoint(operator: LinearOperator) -> None:
    x, y = noise(operator.shape[1], seed=1), noise(operator.shape[0], seed=2)
    image, pulled = operator @ x, operator.H @ y
    scale = float(image.norm() * y.norm() + pulled.norm() * x.norm()) or 1.0
    assert abs(float(y @ image - pulled @ x)) <= 1e-13 * scale
    assert operator.H.shape == operator.shape[::-1]
    assert operator.H.H is operator or close(operator.H.H.to_dense(), operator.to_dense())


def test_its_matrix_does_what_it_does(operator: LinearOperator) -> None:
    matrix = operator.to_dense()
    assert matrix.shape == operator.shape
    assert matrix.dtype == operator.dtype
    x, y = noise(operator.shape[1], 3, seed=1), noise(operator.shape[0], 2, seed=2)
    assert close(operator @ x, matrix @ x)
    assert close(operator.H @ y, matrix.T @ y)
    assert close(operator.H.to_dense(), matrix.T)


def test_columns_are_apart(operator: LinearOperator) -> None:
    x = noise(operator.shape[1], 4, seed=1)
    together = operator @ x
    assert together.shape == (operator.shape[0], 4)
    for column in range(4):
        alone = operator @ x[:, column]
        assert alone.shape == (operator.shape[0],)
        assert close(alone, together[:, column])
    assert close(operator @ x.T.contiguous().T, together)  # whatever the layout
    assert (operator @ x[:, :0]).shape == (operator.shape[0], 0)


@pytest.mark.parametrize("columns", [(), (1,), (2,)])
def test_its_argument_is_left_alone(operator: LinearOperator, columns: tuple[int, ...]) -> None:
    """A single column, which a transform may take for its own workspace, included."""
    for direction in (operator, operator.H):
        x = noise(direction.shape[1], *columns, seed=1)
        before, first = x.clone(), (direction @ x).clone()
        result = direction @ x
        result += 1
        assert torch.equal(x, before)
        assert close(direction @ x, first)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("given", [torch.float32, torch.float64])
def test_the_finer_of_two_precisions_is_kept(make: Make, dtype: torch.dtype, given: torch.dtype) -> None:
    operator = make(dtype)
    x = noise(operator.shape[1], 2, seed=1)
    result = operator @ x.to(given)
    assert result.dtype == torch.promote_types(operator.dtype, given)
    assert (operator.H @ noise(operator.shape[0]).to(given)).dtype == result.dtype
    assert close(result.double(), operator.to_dense().double() @ x, 2e-5)


def test_shapes_that_do_not_fit_are_refused_by_name(operator: LinearOperator) -> None:
    n = operator.shape[1]
    for wrong in (torch.zeros(n + 1), torch.zeros(n + 1, 2), torch.zeros(n, 1, 1), torch.tensor(1.0)):
        with pytest.raises(ValueError, match=re.escape(repr(operator))):
            operator @ wrong
    with pytest.raises(ValueError, match="do not fit together"):
        operator @ ScaledIdentity(n + 1)
    with pytest.raises(ValueError, match="cannot be added"):
        operator + ScaledIdentity(operator.shape[0] + 1)


def test_its_name_tells_what_it_is_made_of() -> None:
    a, b = dense(2, 3, torch.float64), dense(2, 3, torch.float64)
    assert repr(a) == "DenseOperator(2×3)"
    assert repr(a.H) == "DenseOperator(2×3).H"
    assert repr(a @ b.H) == "DenseOperator(2×3) @ DenseOperator(2×3).H"
    assert repr(a + b) == "(DenseOperator(2×3) + DenseOperator(2×3))"


def test_the_algebra_is_that_of_matrices() -> None:
    a, b, c = (dense(4, 4, torch.float64, seed) for seed in range(3))
    composed = 2 * (a @ b.H + c) @ a
    matrix = 2 * (a.matrix @ b.matrix.T + c.matrix) @ a.matrix
    assert close(composed.to_dense(), matrix)
    assert close(composed.H.to_dense(), matrix.T)
    assert math.isclose((0.5 * ScaledIdentity(3, 4.0)).to_dense().trace(), 6.0)
