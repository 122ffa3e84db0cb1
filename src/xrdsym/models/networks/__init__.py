"""The networks of Keras, one module an architecture or a family of them."""
