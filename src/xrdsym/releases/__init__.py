"""How a released model is made of a trained one; `released.py` says which one answers."""
