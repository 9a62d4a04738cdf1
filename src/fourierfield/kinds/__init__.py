"""Read, fit, describe and render each kind of signal.

A wing for each family of kinds; wings import nothing of one another. May import everything down to tasks.
"""
