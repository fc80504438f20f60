"""The mathematics of machine learning, from high-school calculus to generative models.

Each module is the tested half of a page of the book: :mod:`mathforml.neural.activations`
belongs to the page ``neural/activations``.  The package needs NumPy alone.
"""
