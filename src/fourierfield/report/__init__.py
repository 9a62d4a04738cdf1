"""Draw results with Matplotlib and as text; diagnose a fit and write its page.

May import everything down to kinds.
"""
