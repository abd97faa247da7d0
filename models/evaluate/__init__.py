"""The bench: the product's own stages on labelled pictures, scored; see `models.evaluate.__main__`.

These are labelled pictures on a bench; here, and not on a unit, a read becomes text.
"""
