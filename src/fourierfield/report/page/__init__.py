"""Write the page of ``fit --report``: one HTML file that needs nothing else.

``_content`` declares what it shows, ``_of_fit`` fills that from a fit, ``_write`` assembles the sections.
"""
