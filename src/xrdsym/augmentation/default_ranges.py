"""The ranges that the field takes, or that laboratories meet with, and what each effect is called."""

from __future__ import annotations

from xrdsym.augmentation.parameters import EffectsParams

DEFAULT_RANGES = EffectsParams(
    strain=0.04,  # N. J. Szymanski et al., Chem. Mater. 33, 4204 (2021)
    debye_waller=(0.2, 2.0),  # inorganic crystals at room temperature
    preferred_orientation=(0.7, 1.3),  # mild: at 0.7 planes along the surface gain five times on those across
    peak_scaling=(0.0, 1.0),  # F. Oviedo et al., npj Comput. Mater. 5, 60 (2019)
    peak_elimination=0.33,  # the same
    zero_shift=(-0.1, 0.1),  # B. Cao et al., SimXRD-4M (2024)
    displacement=(-0.2, 0.2),  # 0.11 degrees; Szymanski et al. move all peaks by up to 0.5 degrees
    kalpha2=True,
    crystallite_size=(20.0, 100.0),  # H. Schopmans et al., Digital Discovery 2, 1414 (2023)
    microstrain=(0.0, 0.0025),  # AlphaDiffract (2025): 0.0005 to 0.01 in the unit of GSAS, four times this
    caglioti=((0.0, 0.05), (-0.06, 0.0), (0.01, 0.07)),  # J. E. Salgado et al., npj Comput. Mater. 9, 214 (2023)
    background=(0.0, 0.05),  # SimXRD-4M
    amorphous=(0.0, 0.1),  # a thin holder of glass
    counts=(100.0, 10000.0),  # AlphaDiffract goes down to 1, noisy on purpose
    noise=(0.001, 0.01),  # Szymanski et al. 0.0025, AlphaDiffract 0.001 to 0.1
)
"""Every effect with its usual range."""

CAPTIONS = {
    "strain": "lattice strain up to {}",
    "debye_waller": "Debye-Waller, B = {} Å²",
    "preferred_orientation": "preferred orientation, r = {}",
    "peak_scaling": "peak scaling, factors {}",
    "peak_elimination": "peak elimination, {} of the blocks",
    "zero_shift": "zero shift of {}°",
    "displacement": "displacement of {} mm",
    "kalpha2": "Kα1 and Kα2",
    "crystallite_size": "crystallite size {} nm",
    "microstrain": "microstrain {}",
    "caglioti": "Caglioti: {} (°)²",
    "background": "background {}",
    "amorphous": "amorphous hump {}",
    "counts": "Poisson noise, {} counts",
    "noise": "Gaussian noise, σ = {}",
}
"""What each effect with a value is called."""
