"""The package beside other libraries, in one process: how near, how fast, and where more right.

``make bench`` runs all, ``make bench MODULE=neural/activations`` one module.  Never part of a test.
"""
